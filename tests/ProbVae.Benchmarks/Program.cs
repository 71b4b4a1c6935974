using System.CommandLine;
using System.Globalization;
using ProbVae.Benchmarks;
using static TorchSharp.torch;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var seconds = new Option<int>("--seconds") { Description = "How long each comparison runs.", DefaultValueFactory = _ => 20 };
var threads = new Option<int>("--threads") { Description = "How many threads torch computes with; more than one pays for the large products only.", DefaultValueFactory = _ => 1 };
var steps = new Option<int>("--steps") { Description = "How many steps.", DefaultValueFactory = _ => 20_000 };
AtLeast(seconds, 1);
AtLeast(threads, 1);
AtLeast(steps, 2_000);

var models = new Option<string[]>("--model") { Description = "Which model; repeat it for more. All of them unless given.", DefaultValueFactory = _ => [] };
models.AcceptOnlyFromAmong([.. StepComparison.Names]);
var compare = new Command("steps", "Compares Svi.Step with the same model written by hand. Exit code 1 where a target is missed.") { seconds, threads, models };
compare.SetAction(parsed => OnThreads(parsed, () => StepComparison.Run(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(models)!)));
var schools = new Option<bool>("--schools") { Description = "Eight schools, whose steps are short, in the place of the VAE." };
var memory = new Command("memory", "Takes many steps and watches tensors and memory. Exit code 1 where they grow.") { steps, schools, threads };
memory.SetAction(parsed => OnThreads(parsed, () => MemoryRun.Run(parsed.GetValue(steps), parsed.GetValue(schools))));
var families = new Command("families", "Compares log densities and their gradients with formulas written on torch. Exit code 1 where a target is missed.") { seconds, threads };
families.SetAction(parsed => OnThreads(parsed, () => FamilyComparison.Run(TimeSpan.FromSeconds(parsed.GetValue(seconds)))));
var gradients = new Command("gradients", "Prints the table of gradient variance in docs/estimators.md.") { threads };
gradients.SetAction(parsed => OnThreads(parsed, () => GradientVariance.Run(steps: 2_000)));
var sampling = new Command("sampling", "Prints effective draws a second and gradients a draw of the No-U-Turn sampler.") { threads };
sampling.SetAction(parsed => OnThreads(parsed, SamplingRun.Run));
var detail = new Command("detail", "The same steps under BenchmarkDotNet, on one thread.");
detail.SetAction(_ => DetailedSteps.Run());
var program = new RootCommand("The benchmarks of ProbVae; docs/benchmarks.md holds their figures. Without a command: steps.") { compare, memory, families, gradients, sampling, detail };
return program.Parse(args.Length == 0 ? ["steps"] : args).Invoke();

static void AtLeast(Option<int> option, int least) => option.Validators.Add(result =>
{
    if (result.GetValue(option) < least)
    {
        result.AddError($"{option.Name} must be at least {least}.");
    }
});

int OnThreads(ParseResult parsed, Func<int> measure)
{
    set_num_threads(parsed.GetValue(threads));
    Console.WriteLine($"{Environment.ProcessorCount} cores, {get_num_threads()} torch threads, .NET {Environment.Version}");
    return measure();
}
