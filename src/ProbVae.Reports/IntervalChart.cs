namespace ProbVae.Reports;

/// <summary>A row of a chart of intervals.</summary>
/// <param name="Name">What it is of.</param>
/// <param name="Lower">Where the interval begins.</param>
/// <param name="Middle">The point within it.</param>
/// <param name="Upper">Where it ends.</param>
public sealed record IntervalRow(string Name, double Lower, double Middle, double Upper);

/// <summary>Intervals below one another: a forest plot.</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="XLabel">What the numbers are, with their unit.</param>
/// <param name="Rows">From top to bottom; a row with a number that is not finite is named and not drawn.</param>
public sealed record IntervalChart(string Title, string XLabel, IReadOnlyList<IntervalRow> Rows) : Chart(Title)
{
    private const int MostRows = 60;
    private const int RowHeight = 20;
    private const int NameWidth = 130;
    private const int LongestName = 18;

    /// <summary>A value that is marked by a line through all rows, such as 0; null for none.</summary>
    public double? Marked { get; init; }

    internal override (double Width, double Height) Size => (ChartFrame.Width, Height);

    internal override string Note => Rows.Count > MostRows ? $"The first {MostRows} of {Rows.Count} rows." : "";

    private int Height => ChartFrame.Top + ChartFrame.Bottom + (RowHeight * Math.Clamp(Rows.Count, 3, MostRows));

    internal override void Draw(Markup markup)
    {
        var shown = Rows.Take(MostRows).ToList();
        var drawn = shown.Where(IsDrawn).ToList();
        if (drawn.Count == 0)
        {
            ChartFrame.Nothing(markup, Height);
            ChartFrame.Labels(markup, XLabel, "", Height);
            return;
        }

        var floor = Height - ChartFrame.Bottom;
        var ends = drawn.SelectMany(row => new[] { row.Lower, row.Upper }).Concat(Marked is { } also ? [also] : []);
        var x = Axis.Over(ends, NameWidth + 8, ChartFrame.Width - ChartFrame.Right - 4, 6);
        foreach (var value in x.Ticks)
        {
            var place = Number.Coordinate(x.Place(value));
            markup.Empty("line", ("class", "grid"), ("x1", place), ("x2", place), ("y1", $"{ChartFrame.Top}"), ("y2", $"{floor}"));
            markup.Element("text", Number.Tick(value, x.Step), ("class", "middle"), ("x", place), ("y", $"{floor + 18}"));
        }

        if (Marked is { } marked && double.IsFinite(marked))
        {
            var place = Number.Coordinate(x.Place(marked));
            markup.Empty("line", ("class", "level"), ("stroke-dasharray", "6 3"), ("x1", place), ("x2", place), ("y1", $"{ChartFrame.Top}"), ("y2", $"{floor}"));
        }

        foreach (var (i, row) in shown.Index())
        {
            Draw(markup, row, x, ChartFrame.Top + ((i + 0.5) * RowHeight));
        }

        markup.Element("text", XLabel, ("class", "middle label"), ("x", Number.Coordinate((NameWidth + ChartFrame.Width) / 2.0)), ("y", $"{Height - 8}"));
    }

    private static bool IsDrawn(IntervalRow row) => double.IsFinite(row.Lower) && double.IsFinite(row.Middle) && double.IsFinite(row.Upper);

    private static void Draw(Markup markup, IntervalRow row, Axis x, double y)
    {
        var name = row.Name.Length > LongestName ? $"{row.Name[..(LongestName - 1)]}…" : row.Name;
        markup.Element("text", name, ("class", "end"), ("x", $"{NameWidth}"), ("y", Number.Coordinate(y + 4)));
        if (!IsDrawn(row))
        {
            return;
        }

        var place = Number.Coordinate(y);
        markup.Empty("line", ("class", "line c0"), ("x1", Number.Coordinate(x.Place(row.Lower))), ("x2", Number.Coordinate(x.Place(row.Upper))), ("y1", place), ("y2", place));
        markup.Open("circle", ("class", "mark c0"), ("cx", Number.Coordinate(x.Place(row.Middle))), ("cy", place), ("r", "4"))
            .Element("title", $"{row.Name}: {Number.Value(row.Middle)}, from {Number.Value(row.Lower)} to {Number.Value(row.Upper)}").Close("circle");
    }
}
