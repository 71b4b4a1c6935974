using System.CommandLine;
using MnistVae.Reports;
using MnistVae.Runs;
using Spectre.Console;

namespace MnistVae.Commands;

/// <summary>The verb <c>compare</c>.</summary>
public sealed class CompareVerb
{
    private const int MostRuns = 50;

    private readonly Argument<string[]> runs = new("RUN") { Description = "Folders of runs, two or more.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> html = OptionFactory.PathOrNone("--html", "FILE", "A page to write, with the runs' curves over one another.");

    public static Verb Of()
    {
        var verb = new CompareVerb();
        return new Verb(
            "compare",
            "Set runs side by side.",
            [new OptionGroup("Page", verb.html)],
            [
                new Example("compare runs/a runs/b", "Options that differ, and what each run reached."),
                new Example("compare runs/a runs/b runs/c --html compare.html", "The same as a page, with curves."),
            ],
            verb.RunAsync)
        {
            Operand = verb.runs,
            Stopping = "Stopping as soon as the runs are compared.",
        };
    }

    private Task RunAsync(ParseResult parsed, CommandContext context)
    {
        string[] folders = parsed.GetValue(runs) ?? [];
        if (folders.Length is < 2 or > MostRuns)
        {
            throw new UserError($"compare takes from 2 to {MostRuns} runs, but {folders.Length} were named; name their folders one after the other.");
        }

        var comparison = new Comparison([.. folders.Select(RunFolder.Open)]);
        // As wide as it must be: a table for reading, and for other programs, is not to be wrapped.
        var writer = context.Console.Profile.Out.Writer;
        string[][] cells = [["", .. comparison.Names], .. comparison.Rows.Select(row => (string[])[row.Name, .. row.Values])];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells)
        {
            writer.WriteLine(string.Join("  ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        }

        if (CommonOptions.Full(parsed.GetValue(html)) is { } page)
        {
            AtomicFile.Write(page, comparison.ToReport().Write);
            context.Console.WriteLine();
            writer.WriteLine($"Page with the curves: {page}");
        }

        return Task.CompletedTask;
    }
}
