namespace MnistVae;

/// <summary>Loads the data of a run and tells the user what it is, which cannot be overlooked where it is not MNIST.</summary>
public sealed class RunData(DataLocations locations)
{
    /// <summary>The data an existing run is about: what <paramref name="folder"/> names, or else what the run was trained on.</summary>
    public Task<DigitData> LoadAsync(RunFolder run, string? folder, int? limit, CommandContext context) =>
        LoadAsync(run.Record.Source, run.Record.Options with { Data = folder ?? run.Record.Options.Data, Limit = limit }, context);

    /// <summary>The data that options name. Where they name none and the record tells of drawn digits, those are drawn again.</summary>
    public async Task<DigitData> LoadAsync(DataSource? recorded, TrainOptions options, CommandContext context)
    {
        var all = options.Data is null && recorded?.Origin == DataOrigin.Procedural
            ? Digits.Draw(options.Binarize, [])
            : await Digits.LoadAsync(options.Data, options.Binarize, locations, context.Output.WriteLine, context.Cancellation).ConfigureAwait(false);
        var data = all.Limit(options.Limit);
        Tell(context.Output, data.Source);
        return data;
    }

    private static void Tell(TextWriter output, DataSource source)
    {
        string[] lines = source.Origin != DataOrigin.Procedural
            ? [$"Data: {source.Describe()}; {source.Pixels}.", .. source.Notices.Select(notice => $"Note: {notice}")]
            :
            [
                "══════════════ THIS IS NOT MNIST ══════════════",
                $"No MNIST is to be had, so this run uses {source.TrainCount} + {source.TestCount} digits drawn by the program itself.",
                "They resemble handwriting, but no figure of this run can be compared with a figure for MNIST.",
                .. source.Notices,
                $"To use MNIST, name a folder with its files by --data or {DataLocations.Variable}, or connect to the network.",
                "═══════════════════════════════════════════════",
            ];
        output.WriteLine(string.Join(Environment.NewLine, lines));
    }
}
