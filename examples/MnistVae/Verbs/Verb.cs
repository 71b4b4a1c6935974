using System.CommandLine;

namespace MnistVae;

/// <summary>What a verb works with besides its options.</summary>
/// <param name="Output">Where its results go.</param>
/// <param name="Error">Where else something is to be told.</param>
/// <param name="Cancellation">Set by Ctrl-C; the work should keep what was learnt and then throw <see cref="OperationCanceledException"/>.</param>
public sealed record CommandContext(TextWriter Output, TextWriter Error, CancellationToken Cancellation);

/// <summary>One verb of the program.</summary>
/// <param name="Stopping">What happens on the first Ctrl-C or request to terminate, as one sentence.</param>
/// <param name="Tables">Its options.</param>
public sealed record Verb(string Name, string Summary, string Stopping, IReadOnlyList<OptionTable> Tables, Func<ParseResult, CommandContext, Task> Run)
{
    /// <summary>What stands after the verb without a name of its own, or null.</summary>
    public Argument<string[]>? Operand { get; init; }

    /// <summary>All verbs of the program.</summary>
    /// <param name="commands">Their work.</param>
    /// <param name="locations">Where data is looked for.</param>
    public static IReadOnlyList<Verb> All(VaeCommands commands, DataLocations locations)
    {
        const string asPicture = "Stopping as soon as the picture is written.";
        var data = new RunData(locations);
        return
        [
            new TrainVerb(commands, data).Verb,
            OnData<EvaluateOptions>("evaluate", "Measure a trained model on the test images.", "Stopping; there will be no figures.", data, commands.Evaluate),
            OnRun<SampleOptions>("sample", "Draw new digits from a trained model.", asPicture, (options, run, context) =>
            {
                commands.Sample(options, run, context);
                return Task.CompletedTask;
            }),
            OnData<ReconstructOptions>("reconstruct", "Put test images over what a trained model makes of them.", asPicture, data, commands.Reconstruct),
            OnData<CompleteOptions>(
                "complete", "Hide half of each test image and let a trained model fill it in.", "Stopping; no picture is written.", data, commands.Complete),
            OnRun<ReportOptions>("report", "Write the page that shows a trained run anew.", "Stopping as soon as the page is written.", async (options, run, context) =>
            {
                var digits = await data.LoadAsync(run, options.Data, run.Record.Options.Limit, context).ConfigureAwait(false);
                commands.Report(options, digits.HoldOut(run.Record.Options.HoldOut), run, context);
            }),
            OnNames<CompareOptions>("compare", "Set runs side by side.", "Stopping as soon as the runs are compared.", "Folders of runs, two or more.", Comparison.Write),
            OnNames<PlotOptions>(
                "plot", "Draw the curves of runs as an SVG file.", "Stopping as soon as the chart is written.", "Folders of runs, or CSV files with histories.", Curves.Write),
            OnRun<ExploreOptions>(
                "explore", "Serve a page on this machine to walk through the latent space and draw digits for the model.", "Stopping; the page no longer answers.",
                commands.ExploreAsync),
            OnData<ExportOptions>(
                "export", "Write a trained model's parameters, codes and samples as safetensors.",
                "Stopping; files that were written are whole, and the others are not there.", data, commands.Export),
        ];
    }

    private static Verb OnRun<TOptions>(string name, string summary, string stopping, Func<TOptions, RunFolder, CommandContext, Task> work)
        where TOptions : RunOptions, new()
    {
        var table = new OptionTable(typeof(TOptions));
        return new(name, summary, stopping, [table], (parsed, context) =>
        {
            var options = table.Read(parsed, new TOptions());
            return work(options, RunFolder.Open(options.Run), context);
        });
    }

    // Of a run and its test images. Where figures are for another program, nothing else goes to standard output.
    private static Verb OnData<TOptions>(string name, string summary, string stopping, RunData data, Action<TOptions, DigitData, RunFolder, CommandContext> work)
        where TOptions : DataOptions, new() => OnRun<TOptions>(name, summary, stopping, async (options, run, context) =>
        {
            var telling = options is EvaluateOptions { Json: true } ? context with { Output = context.Error } : context;
            work(options, await data.LoadAsync(run, options.Data, options.Images, telling).ConfigureAwait(false), run, context);
        });

    // About several folders or files.
    private static Verb OnNames<TOptions>(string name, string summary, string stopping, string operand, Action<string[], TOptions, CommandContext> work)
        where TOptions : class, new()
    {
        var table = new OptionTable(typeof(TOptions));
        var named = new Argument<string[]>("RUN") { Description = operand, Arity = ArgumentArity.ZeroOrMore };
        return new(name, summary, stopping, [table], Task (parsed, context) =>
        {
            work(parsed.GetValue(named) ?? [], table.Read(parsed, new TOptions()), context);
            return Task.CompletedTask;
        }) { Operand = named };
    }
}
