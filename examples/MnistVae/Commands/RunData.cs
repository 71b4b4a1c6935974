using MnistVae.Data;
using MnistVae.Runs;
using Spectre.Console;

namespace MnistVae.Commands;

/// <summary>Loads the data of a run and tells the user what it is.</summary>
public static class RunData
{
    public static async Task<DigitData> LoadAsync(string? folder, Binarization binarization, int? limit, DataLocations locations, CommandContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var options = new DigitOptions(folder, binarization, limit);
        var data = await Digits.LoadAsync(options, locations, context.Console.WriteLine, context.Cancellation).ConfigureAwait(false);
        DataNotice.Show(context.Console, data.Source);
        return data;
    }

    /// <summary>The data an existing run is about: what <paramref name="folder"/> names, or else what the run was trained on.</summary>
    public static async Task<DigitData> LoadAsync(RunFolder run, string? folder, int? limit, DataLocations locations, CommandContext context)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(context);
        return await LoadAsync(run.Record.Data, folder ?? run.Record.Options.Data, run.Record.Options.Binarize, limit, locations, context).ConfigureAwait(false);
    }

    /// <summary>The same where a record may or may not say what the data was.</summary>
    public static async Task<DigitData> LoadAsync(DataSource? recorded, string? folder, Binarization binarization, int? limit, DataLocations locations, CommandContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        bool wasDrawn = folder is null && recorded?.Origin == DataOrigin.Procedural;
        if (!wasDrawn)
        {
            return await LoadAsync(folder, binarization, limit, locations, context).ConfigureAwait(false);
        }

        var data = Digits.Limit(Digits.Draw(binarization, []), limit);
        DataNotice.Show(context.Console, data.Source);
        return data;
    }

    public static string Describe(DataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return $"{source.Name} ({source.TrainCount} + {source.TestCount} images, {source.Location})";
    }
}
