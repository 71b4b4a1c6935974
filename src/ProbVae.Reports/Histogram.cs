namespace ProbVae.Reports;

/// <summary>How often values fall where, as bars over equal widths, by the rule of Freedman and Diaconis (1981).</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="XLabel">What the values are, with their unit.</param>
/// <param name="Values">The values; what is not finite is left out and counted.</param>
public sealed record Histogram(string Title, string XLabel, IReadOnlyList<double> Values) : Chart(Title)
{
    private const int FewestBars = 5;
    private const int MostBars = 60;

    /// <summary>A value that is marked by a line across, such as what was observed; null for none.</summary>
    public double? Marked { get; init; }

    /// <summary>What the marked value is, for the legend.</summary>
    public string MarkedName { get; init; } = "observed";

    internal override IReadOnlyList<LegendEntry> Legend => Marked is not { } marked ? [] :
        [new LegendEntry($"{MarkedName}: {Number.Value(marked)}", key => key.Empty("line", ("class", "level"), ("x1", "12"), ("x2", "12"), ("y1", "0"), ("y2", "12")))];

    internal override string Note
    {
        get
        {
            var finite = Finite;
            var odd = Values.Count - finite.Count is > 0 and var left ? $" Values that are not finite are left out ({left})." : "";
            return Marked is { } marked && finite.Count > 0
                ? FormattableString.Invariant($"{finite.Count(value => value >= marked) / (double)finite.Count:P1} of {finite.Count} values are at least as great as what is marked.{odd}")
                : odd.TrimStart();
        }
    }

    private List<double> Finite => [.. Values.Where(double.IsFinite).Order()];

    internal override void Draw(Markup markup)
    {
        var values = Finite;
        if (values.Count == 0)
        {
            ChartFrame.Nothing(markup);
            ChartFrame.Labels(markup, XLabel, "share");
            return;
        }

        var (low, high) = values[^1] / 2 > values[0] / 2 ? (values[0], values[^1]) : (values[0] - 0.5, values[0] + 0.5);
        var counts = Counts(values, low, high);
        var x = Axis.Over([low, high, .. Marked is { } also ? [also] : Array.Empty<double>()], ChartFrame.Left, ChartFrame.Width - ChartFrame.Right, 7);
        var y = Axis.Over([0, counts.Max() / (double)values.Count], ChartFrame.Height - ChartFrame.Bottom, ChartFrame.Top, 5);
        ChartFrame.Axes(markup, x, XLabel, y, "share");
        for (var i = 0; i < counts.Length; i++)
        {
            var (left, right) = (Edge(i), Edge(i + 1));
            var (start, end, top) = (x.Place(left), x.Place(right), y.Place(counts[i] / (double)values.Count));
            markup.Open("rect", ("class", "bar c0"), ("x", Number.Coordinate(start)), ("y", Number.Coordinate(top)),
                ("width", Number.Coordinate(Math.Max(0.5, end - start - 0.5))), ("height", Number.Coordinate(y.Place(0) - top)))
                .Element("title", $"{Number.Value(left)} to {Number.Value(right)}: {counts[i]} of {values.Count}").Close("rect");
        }

        if (Marked is { } marked && double.IsFinite(marked))
        {
            var place = Number.Coordinate(x.Place(marked));
            markup.Empty("line", ("class", "level"), ("x1", place), ("x2", place), ("y1", $"{ChartFrame.Top}"), ("y2", $"{ChartFrame.Height - ChartFrame.Bottom}"));
        }

        // Between the ends, so that a range as wide as the numbers go does not overflow.
        double Edge(int bar) => (low * (1 - ((double)bar / counts.Length))) + (high * ((double)bar / counts.Length));
    }

    private static int[] Counts(List<double> values, double low, double high)
    {
        var middleHalf = values[3 * (values.Count - 1) / 4] - values[(values.Count - 1) / 4];
        var bars = middleHalf > 0 ? Math.Ceiling((high - low) / (2 * middleHalf / Math.Cbrt(values.Count))) : FewestBars;
        var counts = new int[double.IsFinite(bars) ? (int)Math.Clamp(bars, FewestBars, MostBars) : FewestBars];
        foreach (var value in values)
        {
            var share = ((value / 2) - (low / 2)) / ((high / 2) - (low / 2));
            counts[Math.Clamp((int)(share * counts.Length), 0, counts.Length - 1)]++;
        }

        return counts;
    }
}
