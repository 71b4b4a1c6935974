using System.CommandLine;
using MnistVae.Data;
using MnistVae.Runs;
using Spectre.Console;

namespace MnistVae.Commands;

/// <summary>The verb <c>evaluate</c>.</summary>
public sealed class EvaluateVerb
{
    private readonly Option<string?> data = CommonOptions.Data("the data that the run was trained on");
    private readonly Option<int?> limit = OptionFactory.WholeOrNone("--limit", "At most so many test images, evenly spaced.", 1, 1_000_000);
    private readonly Option<int> particles = OptionFactory.Whole("--particles", "Importance samples an image for the log-likelihood.", 100, 1, 100_000);
    private readonly Option<int> batch = CommonOptions.Batch("Images at a time.");
    private readonly Option<bool> json = OptionFactory.Flag("--json", "Print the figures as JSON, and what else is to be said to standard error.");
    private readonly Option<string> run = CommonOptions.Run("Folder of the trained run.");
    private readonly Option<long> seed = OptionFactory.Seed("Decides all samples.");
    private readonly Option<DeviceKind> device = CommonOptions.Device();
    private readonly Option<int> threads = CommonOptions.Threads();

    private readonly IVaeCommands commands;
    private readonly DataLocations locations;

    private EvaluateVerb(IVaeCommands commands, DataLocations locations)
    {
        this.commands = commands;
        this.locations = locations;
    }

    public static Verb Of(IVaeCommands commands, DataLocations locations)
    {
        var verb = new EvaluateVerb(commands, locations);
        return new Verb(
            "evaluate",
            "Measure a trained model on the test images.",
            [
                new OptionGroup("Data", verb.data, verb.limit),
                new OptionGroup("Measurement", verb.particles, verb.batch, verb.json),
                new OptionGroup("Run", verb.run, verb.seed, verb.device, verb.threads),
            ],
            [
                new Example("evaluate", "ELBO, log-likelihood and the use of the code, of the default run."),
                new Example("evaluate --run runs/deep --particles 1000 --limit 1000", "A tighter bound on a thousand images."),
                new Example("evaluate --json > figures.json", "The figures for another program."),
            ],
            verb.RunAsync)
        {
            Stopping = "Stopping; there will be no figures.",
        };
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = new EvaluateOptions(
            CommonOptions.Full(parsed.GetValue(data)),
            parsed.GetValue(limit),
            parsed.GetValue(particles),
            parsed.GetValue(batch),
            parsed.GetValue(seed),
            parsed.GetValue(device),
            parsed.GetValue(threads),
            parsed.GetValue(json));
        var telling = options.Json ? context with { Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }) } : context;
        var digits = await RunData.LoadAsync(opened, options.Data ?? opened.Record.Options.Data, options.Limit, locations, telling).ConfigureAwait(false);
        commands.Evaluate(options, digits, opened, context);
    }
}
