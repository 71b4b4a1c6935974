namespace ProbVae;

/// <summary>A message that a person reads to its end: at most twenty lines, in which a loop's sentences are one.</summary>
internal static class ShortMessage
{
    private const int MostLines = 20;
    private const int MostProblems = 12;

    /// <summary>Joins sentences, and a table behind them.</summary>
    /// <param name="problems">The sentences.</param>
    /// <param name="table">A header and rows; null for none.</param>
    public static string Of(IEnumerable<string> problems, string? table = null)
    {
        string[] sentences = [.. Loops.Grouped(problems.Select(problem => new[] { problem })).SelectMany(loop => loop.Name.ReplaceLineEndings("\n").Split('\n'))];
        string[] rows = table is null ? [] : ["", .. table.ReplaceLineEndings("\n").Split('\n')];
        if (sentences.Length + rows.Length <= MostLines)
        {
            return string.Join(Environment.NewLine, [.. sentences, .. rows]);
        }

        var told = First(sentences, Math.Max(rows.Length == 0 ? MostLines : MostProblems, MostLines - rows.Length));
        return string.Join(Environment.NewLine, [.. told, .. Last(rows, MostLines - told.Length)]);
    }

    /// <summary>A sentence that names what stands in a file, which may hold anything.</summary>
    public static string OneLine(string sentence) => string.Concat(sentence.Select(letter => char.IsControl(letter) ? ' ' : letter));

    private static string[] First(string[] lines, int most) =>
        lines.Length <= most ? lines : [.. lines[..(most - 1)], $"(and {lines.Length - most + 1} more)"];

    // The run ended after the last row, so the last ones tell most.
    private static string[] Last(string[] rows, int most)
    {
        const int Header = 2;
        return rows.Length <= most ? rows
            : most <= Header + 1 ? []
            : [.. rows[..Header], $"  ({rows.Length - most + 1} more before)", .. rows[^(most - Header - 1)..]];
    }
}
