using MnistVae.Data;
using Spectre.Console;

namespace MnistVae.Commands;

/// <summary>Tells which data is used, and cannot be overlooked where it is not MNIST.</summary>
public static class DataNotice
{
    public static void Show(IAnsiConsole console, DataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Origin == DataOrigin.Procedural)
        {
            ShowProcedural(console, source);
            return;
        }

        console.WriteLine($"Data: {RunData.Describe(source)}; {source.Pixels}.");
        foreach (string notice in source.Notices)
        {
            console.MarkupLineInterpolated($"[yellow]Note: {notice}[/]");
        }
    }

    private static void ShowProcedural(IAnsiConsole console, DataSource source)
    {
        var lines = new List<string>
        {
            $"No MNIST is to be had, so this run uses {source.TrainCount} + {source.TestCount} digits drawn by the program itself.",
            "They resemble handwriting, but no figure of this run can be compared with a figure for MNIST.",
        };
        lines.AddRange(source.Notices);
        lines.Add($"To use MNIST, name a folder with its files by --data or {DataLocations.Variable}, or connect to the network.");
        console.Write(new Panel(new Text(string.Join(Environment.NewLine, lines)))
        {
            Header = new PanelHeader(" THIS IS NOT MNIST "),
            Border = BoxBorder.Double,
            BorderStyle = new Style(Color.Yellow),
        });
    }
}
