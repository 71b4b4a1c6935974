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
public sealed record ScatterChart(string Title, string XLabel, string YLabel, IReadOnlyList<ScatterClass> Classes) : Block
{
    private const int Tall = 440;
    private const double Size = 3;

    // Neighbours in colour differ in shape: circle, square, diamond, triangle up, triangle down.
    private static readonly string[] s_shapes =
    [
        "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0 -2 0z", "M-.9 -.9H.9V.9H-.9z", "M0 -1.3L1.3 0L0 1.3L-1.3 0z", "M0 -1.2L1.2 .9H-1.2z", "M0 1.2L1.2 -.9H-1.2z",
    ];

    internal override void Write(Markup markup)
    {
        ChartFrame.Open(markup, Title, Tall);
        var points = Classes.SelectMany(group => group.Points).ToList();
        var drawn = points.Where(IsDrawn).ToList();
        if (drawn.Count == 0)
        {
            ChartFrame.Nothing(markup, Tall);
            ChartFrame.Labels(markup, XLabel, YLabel, Tall);
        }
        else
        {
            var x = Axis.Over(drawn.Select(point => point.X), ChartFrame.Left + 6, ChartFrame.Width - ChartFrame.Right - 6, 7);
            var y = Axis.Over(drawn.Select(point => point.Y), Tall - ChartFrame.Bottom - 6, ChartFrame.Top + 6, 7);
            ChartFrame.Axes(markup, x, XLabel, y, YLabel, Tall);
            Points(markup, x, y);
        }

        markup.Close("svg");
        ChartFrame.Legend(markup, Classes.Select((group, i) => (group.Points.Any(IsDrawn) ? group.Name : $"{group.Name} (none)", (Action<Markup>)(key => Mark(key, i, 12, 6, 5, "")))));
        ChartFrame.Note(markup, points.Count == drawn.Count ? "" : $"Points that are not finite are left out ({points.Count - drawn.Count}).");
        markup.Close("figure");
    }

    private static bool IsDrawn(ChartPoint point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    // By turns, so that no class lies on top of all others.
    private void Points(Markup markup, Axis x, Axis y)
    {
        var longest = Classes.Max(group => group.Points.Count);
        for (var row = 0; row < longest; row++)
        {
            for (var i = 0; i < Classes.Count; i++)
            {
                if (row < Classes[i].Points.Count && Classes[i].Points[row] is var point && IsDrawn(point))
                {
                    Mark(markup, i, x.Place(point.X), y.Place(point.Y), Size, $"{Classes[i].Name}: ({Number.Value(point.X)}, {Number.Value(point.Y)})");
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
