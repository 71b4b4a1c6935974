namespace ProbVae.Reports;

/// <summary>Lays out a chart as a file of its own, where no browser breaks its lines of text.</summary>
internal static class SvgFile
{
    private const double Margin = 14;
    private const double TitleLine = 20;
    private const double LegendLine = 19;
    private const double NoteLine = 16;
    private const double Key = 24;
    private const double KeyGap = 6;
    private const double EntryGap = 16;

    // Widths of a letter, on the wide side: what is too long for its line would be cut.
    private const double TitleLetter = 8.6;
    private const double Letter = 6.9;

    public static string Of(Chart chart)
    {
        var (inner, drawn) = chart.Size;
        var title = Lines(chart.Title, inner / TitleLetter);
        var note = Lines(chart.Note, inner / Letter);
        var legend = Rows(chart.Legend, inner);
        var top = Margin + (title.Count * TitleLine) + 4;
        var below = top + drawn + 8;
        var noteTop = below + (legend.Rows * LegendLine);
        var (width, height) = (inner + (2 * Margin), noteTop + (note.Count * NoteLine) + Margin - 4);

        var markup = new Markup();
        markup.Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", $"0 0 {Number.Coordinate(width)} {Number.Coordinate(height)}"),
            ("width", Number.Coordinate(width)), ("height", Number.Coordinate(height)), ("role", "img"), ("aria-label", chart.Title));
        markup.Raw("<style>").Raw(StyleSheet.OfDrawing).Raw("</style>\n");
        markup.Empty("rect", ("class", "sheet"), ("x", "0.5"), ("y", "0.5"), ("width", Number.Coordinate(width - 1)), ("height", Number.Coordinate(height - 1)), ("rx", "8"));
        Text(markup, title, "title", Margin + 13, TitleLine);
        markup.Open("g", ("transform", $"translate({Number.Coordinate(Margin)} {Number.Coordinate(top)})"));
        chart.Draw(markup);
        markup.Close("g").Raw("\n");
        foreach (var (entry, place) in chart.Legend.Zip(legend.Places))
        {
            var y = below + (place.Y * LegendLine);
            markup.Open("g", ("transform", $"translate({Number.Coordinate(Margin + place.X)} {Number.Coordinate(y)})"));
            entry.Mark(markup);
            markup.Element("text", entry.Name, ("class", "entry"), ("x", Number.Coordinate(Key + KeyGap)), ("y", "10")).Close("g");
        }

        Text(markup, note, "remark", noteTop + 12, NoteLine);
        return markup.Close("svg").Raw("\n").ToString();
    }

    private static void Text(Markup markup, List<string> lines, string kind, double top, double height)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            markup.Element("text", lines[i], ("class", kind), ("x", Number.Coordinate(Margin)), ("y", Number.Coordinate(top + (i * height))));
        }
    }

    // A row's number stands in for y.
    private static (IReadOnlyList<ChartPoint> Places, int Rows) Rows(IReadOnlyList<LegendEntry> entries, double width)
    {
        var places = new List<ChartPoint>();
        var (x, row) = (0.0, 0);
        foreach (var entry in entries)
        {
            var wide = Key + KeyGap + (entry.Name.Length * Letter);
            if (x > 0 && x + wide > width)
            {
                (x, row) = (0, row + 1);
            }

            places.Add(new(x, row));
            x += wide + EntryGap;
        }

        return (places, entries.Count == 0 ? 0 : row + 1);
    }

    // Between words; a word that is longer than a line stays whole.
    private static List<string> Lines(string text, double letters)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= letters)
            {
                lines[^1] += $" {word}";
            }
            else
            {
                lines.Add(word);
            }
        }

        return lines;
    }
}
