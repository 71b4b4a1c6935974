using System.Text;

namespace ProbVae.Reports;

/// <summary>A point of a chart. What is not finite is not drawn, and a line breaks there.</summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Upwards.</param>
public readonly record struct ChartPoint(double X, double Y);

/// <summary>A line of a chart.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">In the order in which the line goes; may be empty.</param>
public sealed record LineSeries(string Name, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>Which of the ten colours, from 0; null for that of its place among the series. Lines of one kind can share one.</summary>
    public int? Colour { get; init; }

    /// <summary>Which of the four kinds of dashes, from 0, the unbroken line; null for that of its place among the series.</summary>
    public int? Dash { get; init; }
}

/// <summary>Several series over one x axis, as lines that differ in colour and dashes.</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="XLabel">What lies to the right, with its unit.</param>
/// <param name="YLabel">What lies upwards, with its unit.</param>
/// <param name="Series">The lines.</param>
public sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<LineSeries> Series) : Block
{
    // More than a screen has columns for.
    private const int MostPoints = 2000;
    private const int MostMarks = 60;
    private const int ManyPoints = 20;

    private static readonly string[] s_dashes = ["", "6 3", "2 3", "8 3 2 3"];

    /// <summary>
    /// The share of the lowest values that may fall off the bottom, from 0 to below 1: training begins far from where it ends, and
    /// a few first values would press all others flat. What is cut off is said under the chart.
    /// </summary>
    public double CutLowest { get; init; }

    /// <summary>Whether only whole numbers are marked on the x axis, as of epochs or steps.</summary>
    public bool HasWholeMarks { get; init; }

    internal override void Write(Markup markup)
    {
        ChartFrame.Open(markup, Title);
        var points = Series.SelectMany(series => series.Points).Where(IsDrawn).ToList();
        var floor = CutLowest > 0 && points.Count >= ManyPoints ? points.Select(point => point.Y).Order().ElementAt((int)(CutLowest * points.Count)) : double.NegativeInfinity;
        var shown = points.Where(point => point.Y >= floor).ToList();
        if (points.Count == 0)
        {
            ChartFrame.Nothing(markup);
            ChartFrame.Labels(markup, XLabel, YLabel);
        }
        else
        {
            var x = Axis.Over(points.Select(point => point.X), ChartFrame.Left, ChartFrame.Width - ChartFrame.Right, 8, HasWholeMarks);
            var y = Axis.Over(shown.Select(point => point.Y), ChartFrame.Height - ChartFrame.Bottom, ChartFrame.Top, 6);
            ChartFrame.Axes(markup, x, XLabel, y, YLabel);
            for (var i = 0; i < Series.Count; i++)
            {
                Line(markup, Series[i], i, x, y);
            }
        }

        markup.Close("svg");
        ChartFrame.Legend(markup, Series.Select((series, i) => (LegendName(series), (Action<Markup>)(key => Key(key, series, i)))));
        ChartFrame.Note(markup, Remarks(points.Count - shown.Count, floor));
        markup.Close("figure");
    }

    private static bool IsDrawn(ChartPoint point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private static string Dash(LineSeries series, int index) => s_dashes[Math.Abs(series.Dash ?? index) % s_dashes.Length];

    private static string Colour(LineSeries series, int index) => ChartFrame.Colour(Math.Abs(series.Colour ?? index));

    private static string LegendName(LineSeries series) => series.Points.Any(IsDrawn) ? series.Name : $"{series.Name} (no values)";

    private static void Key(Markup markup, LineSeries series, int index) =>
        markup.Empty("line", ("class", $"line {Colour(series, index)}"), ("stroke-dasharray", Dash(series, index)), ("x1", "1"), ("x2", "23"), ("y1", "6"), ("y2", "6"));

    private string Remarks(int below, double floor)
    {
        var odd = Series.Sum(series => series.Points.Count(point => !IsDrawn(point)));
        var cut = below == 0 ? "" : $"Not shown: values below {Number.Value(floor)} ({below}). ";
        return odd == 0 ? cut.TrimEnd() : $"{cut}Values that are not finite leave gaps ({odd}).";
    }

    private static void Line(Markup markup, LineSeries series, int index, Axis x, Axis y)
    {
        var path = new StringBuilder();
        var isOpen = false;
        foreach (var point in Thin(series.Points, MostPoints))
        {
            var isDrawn = IsDrawn(point);
            if (isDrawn)
            {
                path.Append(isOpen ? 'L' : 'M').Append(Number.Coordinate(x.Place(point.X))).Append(' ').Append(Number.Coordinate(y.Place(point.Y)));
            }

            isOpen = isDrawn;
        }

        // An inner drawing cuts off what falls out of the frame.
        const int width = ChartFrame.Width - ChartFrame.Left - ChartFrame.Right;
        const int height = ChartFrame.Height - ChartFrame.Bottom - ChartFrame.Top;
        markup.Open("svg", ("x", $"{ChartFrame.Left}"), ("y", $"{ChartFrame.Top}"), ("width", $"{width}"), ("height", $"{height}"),
            ("viewBox", $"{ChartFrame.Left} {ChartFrame.Top} {width} {height}"));
        markup.Empty("path", ("class", $"line {Colour(series, index)}"), ("stroke-dasharray", Dash(series, index)), ("d", path.ToString())).Close("svg");
        var radius = series.Points.Count <= ManyPoints ? "3" : "1.6";
        foreach (var point in Thin(series.Points, MostMarks).Where(point => IsDrawn(point) && y.Shows(point.Y)))
        {
            markup.Open("circle", ("class", $"mark {Colour(series, index)}"), ("cx", Number.Coordinate(x.Place(point.X))), ("cy", Number.Coordinate(y.Place(point.Y))), ("r", radius))
                .Element("title", $"{series.Name}: {Number.Value(point.Y)} at {Number.Value(point.X)}").Close("circle");
        }
    }

    // Evenly, with the first and the last.
    private static IEnumerable<ChartPoint> Thin(IReadOnlyList<ChartPoint> points, int most) => points.Count <= most
        ? points
        : Enumerable.Range(0, most).Select(i => points[(int)((long)i * (points.Count - 1) / (most - 1))]);
}
