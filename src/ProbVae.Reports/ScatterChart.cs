using System.Collections.Immutable;

namespace ProbVae.Reports;

/// <summary>Points of one kind.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">May be empty.</param>
public sealed record ScatterClass(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>Points in the plane; classes differ in colour and, for those who see no colours, in shape.</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="XLabel">What lies to the right.</param>
/// <param name="YLabel">What lies upwards.</param>
/// <param name="Classes">The points; beyond ten classes, colours repeat.</param>
public sealed record ScatterChart(string Title, string XLabel, string YLabel, IReadOnlyList<ScatterClass> Classes) : Chart(Title)
{
    private const int Tall = 440;
    private const double Radius = 3;

    // Neighbours in colour differ in shape: circle, square, diamond, triangle up, triangle down.
    private static readonly ImmutableArray<string> s_shapes =
    [
        "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0 -2 0z", "M-.9 -.9H.9V.9H-.9z", "M0 -1.3L1.3 0L0 1.3L-1.3 0z", "M0 -1.2L1.2 .9H-1.2z", "M0 1.2L1.2 -.9H-1.2z",
    ];

    internal override (double Width, double Height) Size => (ChartFrame.Width, Tall);

    internal override IReadOnlyList<LegendEntry> Legend =>
        [.. Classes.Select((group, i) => new LegendEntry(group.Points.Any(IsDrawn) ? group.Name : $"{group.Name} (none)", key => Mark(key, i, 12, 6, 5, "")))];

    internal override string Note => Points.Count(point => !IsDrawn(point)) is > 0 and var odd ? $"Points that are not finite are left out ({odd})." : "";

    private IEnumerable<ChartPoint> Points => Classes.SelectMany(group => group.Points);

    internal override void Draw(Markup markup)
    {
        var drawn = Points.Where(IsDrawn).ToList();
        if (drawn.Count == 0)
        {
            ChartFrame.Nothing(markup, Tall);
            ChartFrame.Labels(markup, XLabel, YLabel, Tall);
            return;
        }

        var x = Axis.Over(drawn.Select(point => point.X), ChartFrame.Left + 6, ChartFrame.Width - ChartFrame.Right - 6, 7);
        var y = Axis.Over(drawn.Select(point => point.Y), Tall - ChartFrame.Bottom - 6, ChartFrame.Top + 6, 7);
        ChartFrame.Axes(markup, x, XLabel, y, YLabel, Tall);
        Dots(markup, x, y);
    }

    private static bool IsDrawn(ChartPoint point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    // By turns, so that no class lies on top of all others.
    private void Dots(Markup markup, Axis x, Axis y)
    {
        var longest = Classes.Max(group => group.Points.Count);
        for (var row = 0; row < longest; row++)
        {
            for (var i = 0; i < Classes.Count; i++)
            {
                if (row < Classes[i].Points.Count && Classes[i].Points[row] is var point && IsDrawn(point))
                {
                    Mark(markup, i, x.Place(point.X), y.Place(point.Y), Radius, $"{Classes[i].Name}: ({Number.Value(point.X)}, {Number.Value(point.Y)})");
                }
            }
        }
    }

    private static void Mark(Markup markup, int index, double x, double y, double size, string title)
    {
        markup.Open("path", ("class", $"dot {ChartFrame.Colour(index)}"), ("d", s_shapes[index % s_shapes.Length]),
            ("transform", $"translate({Number.Coordinate(x)} {Number.Coordinate(y)}) scale({Number.Coordinate(size)})"));
        if (title.Length > 0)
        {
            markup.Element("title", title);
        }

        markup.Close("path");
    }
}
