using System.CommandLine;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The options of a verb that writes a sheet of digits.</summary>
/// <param name="shows">What is on the sheet.</param>
/// <param name="standard">How many of it unless the command line says otherwise.</param>
/// <param name="name">The file in the run's folder that is written unless the command line names another.</param>
public sealed class PictureOptions(string shows, int standard, string name)
{
    private readonly Option<int> count = OptionFactory.Whole("--count", shows, standard, 1, 10_000);
    private readonly Option<int> columns = OptionFactory.Whole("--columns", "Digits in a row of the picture.", 10, 1, 100);
    private readonly Option<string?> picture = OptionFactory.PathOrNone("--out", "FILE", $"The picture to write, a PNG file; otherwise {name} in the run's folder.");

    /// <summary>These options on the help page.</summary>
    public OptionGroup Group => new("Picture", count, columns, picture);

    /// <summary>What the command line says of the sheet.</summary>
    public (int Count, int Columns, string Out) Read(ParseResult parsed, RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(run);
        return (parsed.GetValue(count), parsed.GetValue(columns), CommonOptions.Full(parsed.GetValue(picture)) ?? run.PathOf(name));
    }
}
