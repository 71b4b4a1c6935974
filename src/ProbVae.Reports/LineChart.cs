using System.Collections.Immutable;
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

    /// <summary>The ends of a band around each point, such as an error; null for none.</summary>
    public IReadOnlyList<(double Low, double High)>? Band { get; init; }

    /// <summary>Whether a line joins the points. Without it they stand alone, as figures that others published do.</summary>
    public bool HasLine { get; init; } = true;
}

/// <summary>A level line across a chart, such as a published figure.</summary>
/// <param name="Name">For the legend, which adds the value.</param>
/// <param name="Y">Its height; what is not finite is not drawn.</param>
public sealed record ReferenceLine(string Name, double Y);

/// <summary>Several series over one x axis, as lines that differ in colour and dashes.</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="XLabel">What lies to the right, with its unit.</param>
/// <param name="YLabel">What lies upwards, with its unit.</param>
/// <param name="Series">The lines.</param>
public sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<LineSeries> Series) : Chart(Title)
{
    // More than a screen has columns for.
    private const int MostPoints = 2000;
    private const int MostMarks = 60;
    private const int ManyPoints = 20;
    private const string AloneRadius = "4";

    // Between the lowest and highest values and the frame.
    private const int Room = 6;

    private static readonly ImmutableArray<string> s_dashes = ["", "6 3", "2 3", "8 3 2 3"];

    /// <summary>
    /// The share of the x axis, at its start, whose values may fall off the top or the bottom, from 0 to below 1: training begins far
    /// from where it ends, and its first values would press all others flat. What is cut off is said under the chart.
    /// </summary>
    public double CutStart { get; init; }

    /// <summary>Whether only whole numbers are marked on the x axis, as of epochs or steps.</summary>
    public bool HasWholeMarks { get; init; }

    /// <summary>Level lines, which the y axis has room for.</summary>
    public IReadOnlyList<ReferenceLine> References { get; init; } = [];

    internal override IReadOnlyList<LegendEntry> Legend =>
    [
        .. Series.Select((series, i) => new LegendEntry(LegendName(series), key => Key(key, series, i))),
        .. Levels.Select((level, i) => new LegendEntry($"{level.Name}: {Number.Value(level.Y)}", key => Level(key, i, 1, 23, 6))),
    ];

    internal override string Note
    {
        get
        {
            var (floor, ceiling) = Range;
            var (below, above) = (Points.Count(point => point.Y < floor), Points.Count(point => point.Y > ceiling));
            var odd = Series.Sum(series => series.Points.Count(point => !IsDrawn(point)));
            var cut = string.Join(" and ", new[]
            {
                below == 0 ? "" : $"below {Number.Value(floor)} ({below})",
                above == 0 ? "" : $"above {Number.Value(ceiling)} ({above})",
            }.Where(side => side.Length > 0));
            return $"{(cut.Length == 0 ? "" : $"Not shown: values {cut}. ")}{(odd == 0 ? "" : $"Values that are not finite leave gaps ({odd}).")}".TrimEnd();
        }
    }

    private IEnumerable<ChartPoint> Points => Series.SelectMany(series => series.Points).Where(IsDrawn);

    // Outside of it lie the values that fall off.
    private (double Floor, double Ceiling) Range
    {
        get
        {
            var points = Points.ToList();
            if (CutStart <= 0 || points.Count < ManyPoints)
            {
                return (double.NegativeInfinity, double.PositiveInfinity);
            }

            var (first, last) = (points.Min(point => point.X), points.Max(point => point.X));
            var settled = points.Where(point => point.X >= first + (CutStart * (last - first))).Select(point => point.Y).ToList();
            return (settled.Min(), settled.Max());
        }
    }

    private IEnumerable<ReferenceLine> Levels => References.Where(level => double.IsFinite(level.Y));

    internal override void Draw(Markup markup)
    {
        var points = Points.ToList();
        if (points.Count == 0)
        {
            ChartFrame.Nothing(markup);
            ChartFrame.Labels(markup, XLabel, YLabel);
            return;
        }

        var (floor, ceiling) = Range;
        var x = Axis.Over(points.Select(point => point.X), ChartFrame.Left, ChartFrame.Width - ChartFrame.Right, 8, HasWholeMarks);
        var heights = points.Where(point => point.Y >= floor && point.Y <= ceiling).Select(point => point.Y).Concat(Levels.Select(level => level.Y)).Concat(Bands(floor, ceiling));
        var y = Axis.Over(heights, ChartFrame.Height - ChartFrame.Bottom - Room, ChartFrame.Top + Room, 6);
        ChartFrame.Axes(markup, x, XLabel, y, YLabel);
        foreach (var (i, level) in Levels.Index())
        {
            Level(markup, i, ChartFrame.Left, ChartFrame.Width - ChartFrame.Right, y.Place(level.Y));
        }

        for (var i = 0; i < Series.Count; i++)
        {
            if (Series[i].HasLine)
            {
                Line(markup, Series[i], i, x, y);
            }

            Marks(markup, Series[i], i, x, y);
        }
    }

    private static bool IsDrawn(ChartPoint point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private static string Dash(LineSeries series, int index) => s_dashes[Math.Abs(series.Dash ?? index) % s_dashes.Length];

    private static string Colour(LineSeries series, int index) => ChartFrame.Colour(Math.Abs(series.Colour ?? index));

    private static string LegendName(LineSeries series) => series.Points.Any(IsDrawn) ? series.Name : $"{series.Name} (no values)";

    private static void Key(Markup markup, LineSeries series, int index)
    {
        if (series.HasLine)
        {
            markup.Empty("line", ("class", $"line {Colour(series, index)}"), ("stroke-dasharray", Dash(series, index)), ("x1", "1"), ("x2", "23"), ("y1", "6"), ("y2", "6"));
        }
        else
        {
            markup.Empty("circle", ("class", $"mark {Colour(series, index)}"), ("cx", "12"), ("cy", "6"), ("r", AloneRadius));
        }
    }

    private static void Level(Markup markup, int index, double left, double right, double y) =>
        markup.Empty("line", ("class", "level"), ("stroke-dasharray", s_dashes[1 + (index % (s_dashes.Length - 1))]),
            ("x1", Number.Coordinate(left)), ("x2", Number.Coordinate(right)), ("y1", Number.Coordinate(y)), ("y2", Number.Coordinate(y)));

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
        if (series.Band is { } band)
        {
            markup.Empty("path", ("class", $"band {Colour(series, index)}"), ("d", BandPath(series.Points, band, x, y)));
        }

        markup.Empty("path", ("class", $"line {Colour(series, index)}"), ("stroke-dasharray", Dash(series, index)), ("d", path.ToString())).Close("svg");
    }

    // The ends of the bands around the points that are shown.
    private IEnumerable<double> Bands(double floor, double ceiling) => Series.Where(series => series.Band is not null)
        .SelectMany(series => series.Points.Zip(series.Band!).Where(place => place.First.Y >= floor && place.First.Y <= ceiling))
        .SelectMany(place => new[] { place.Second.Low, place.Second.High });

    // There along the upper ends and back along the lower ones.
    private static string BandPath(IReadOnlyList<ChartPoint> points, IReadOnlyList<(double Low, double High)> band, Axis x, Axis y)
    {
        var there = points.Zip(band).Where(place => IsDrawn(place.First) && double.IsFinite(place.Second.Low) && double.IsFinite(place.Second.High)).ToList();
        var corners = there.Select(place => (place.First.X, place.Second.High)).Concat(there.AsEnumerable().Reverse().Select(place => (place.First.X, place.Second.Low)));
        var path = string.Join("L", corners.Select(corner => $"{Number.Coordinate(x.Place(corner.X))} {Number.Coordinate(y.Place(corner.Item2))}"));
        return path.Length == 0 ? "" : $"M{path}Z";
    }

    private static void Marks(Markup markup, LineSeries series, int index, Axis x, Axis y)
    {
        var radius = !series.HasLine ? AloneRadius : series.Points.Count <= ManyPoints ? "3" : "1.6";
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
