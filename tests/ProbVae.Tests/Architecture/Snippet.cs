using System.Text;

namespace ProbVae.Tests.Architecture;

/// <summary>A C# program in a document: one fenced block, or several where the later ones continue the first.</summary>
internal sealed record Snippet(string File, int Line, string Source, bool CompileOnly)
{
    private const string Continues = "<!-- snippet: continues -->";
    private const string Compiles = "<!-- snippet: compile-only -->";

    public override string ToString() => $"{File}:{Line}";

    /// <summary>The programs of a document; <c>#line</c> keeps errors at the document's own lines.</summary>
    public static IReadOnlyList<Snippet> In(string file, string text)
    {
        var snippets = new List<Snippet>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var comment = "";
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimEnd() != "```csharp")
            {
                comment = lines[i].Length == 0 ? comment : lines[i].Trim();
                continue;
            }

            var start = i + 1;
            var end = Array.FindIndex(lines, start, line => line.TrimEnd() == "```");
            if (end < 0)
            {
                throw new InvalidDataException($"{file}:{start}: the block is not closed.");
            }

            var source = new StringBuilder().AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"#line {start + 1} \"{file}\"").AppendJoin('\n', lines[start..end]).AppendLine().ToString();
            if (comment == Continues)
            {
                if (snippets.Count == 0)
                {
                    throw new InvalidDataException($"{file}:{start}: there is no block before it to continue.");
                }

                snippets[^1] = snippets[^1] with { Source = snippets[^1].Source + source };
            }
            else
            {
                snippets.Add(new Snippet(file, start, source, comment == Compiles));
            }

            (i, comment) = (end, "");
        }

        return snippets;
    }
}
