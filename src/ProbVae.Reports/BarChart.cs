namespace ProbVae.Reports;

/// <summary>A bar of a chart.</summary>
/// <param name="Name">Under the bar, or in its tool tip where there are many.</param>
/// <param name="Value">Its height; what is not finite is left out.</param>
/// <param name="IsMarked">Whether it stands out.</param>
public sealed record Bar(string Name, double Value, bool IsMarked = true);

/// <summary>Bars, from left to right as given.</summary>
/// <param name="Title">What the chart shows.</param>
/// <param name="XLabel">What the bars are.</param>
/// <param name="YLabel">What their heights are, with its unit.</param>
/// <param name="Bars">The bars.</param>
/// <param name="Marked">What a marked bar is, for the legend.</param>
/// <param name="Unmarked">What an unmarked bar is, for the legend.</param>
public sealed record BarChart(string Title, string XLabel, string YLabel, IReadOnlyList<Bar> Bars, string Marked = "", string Unmarked = "") : Chart(Title)
{
    private const int MostNames = 20;
    private const int WidestBar = 60;

    internal override IReadOnlyList<LegendEntry> Legend => Marked.Length == 0
        ? []
        : [.. new[] { (Name: Marked, IsMarked: true), (Name: Unmarked, IsMarked: false) }.Where(entry => entry.Name.Length > 0)
            .Select(entry => new LegendEntry(entry.Name, key => key.Empty("rect", ("class", Class(entry.IsMarked)), ("x", "5"), ("y", "0"), ("width", "14"), ("height", "12"))))];

    internal override string Note => Bars.Count(bar => !double.IsFinite(bar.Value)) is > 0 and var odd ? $"Values that are not finite are left out ({odd})." : "";

    internal override void Draw(Markup markup)
    {
        var finite = Bars.Where(bar => double.IsFinite(bar.Value)).ToList();
        if (finite.Count == 0)
        {
            ChartFrame.Nothing(markup);
        }
        else
        {
            Draw(markup, finite);
        }

        ChartFrame.Labels(markup, XLabel, YLabel);
    }

    private static string Class(bool isMarked) => isMarked ? "bar c0" : "bar faint";

    private static void Draw(Markup markup, List<Bar> bars)
    {
        var floor = ChartFrame.Height - ChartFrame.Bottom;
        var y = Axis.Over(bars.Select(bar => bar.Value).Append(0), floor, ChartFrame.Top, 6);
        var slot = (double)(ChartFrame.Width - ChartFrame.Left - ChartFrame.Right) / bars.Count;
        var width = Math.Min(WidestBar, slot > 4 ? slot * 0.8 : slot);
        ChartFrame.Levels(markup, y);
        for (var i = 0; i < bars.Count; i++)
        {
            var middle = ChartFrame.Left + ((i + 0.5) * slot);
            var (top, bottom) = (Math.Min(y.Place(bars[i].Value), y.Place(0)), Math.Max(y.Place(bars[i].Value), y.Place(0)));
            markup.Open("rect", ("class", Class(bars[i].IsMarked)), ("x", Number.Coordinate(middle - (width / 2))), ("y", Number.Coordinate(top)),
                ("width", Number.Coordinate(width)), ("height", Number.Coordinate(Math.Max(0.5, bottom - top))))
                .Element("title", $"{bars[i].Name}: {Number.Value(bars[i].Value)}").Close("rect");
            if (bars.Count <= MostNames)
            {
                markup.Element("text", bars[i].Name, ("class", "middle"), ("x", Number.Coordinate(middle)), ("y", $"{floor + 18}"));
            }
        }

        markup.Empty("line", ("class", "axis"), ("x1", $"{ChartFrame.Left}"), ("x2", $"{ChartFrame.Width - ChartFrame.Right}"), ("y1", Number.Coordinate(y.Place(0))), ("y2", Number.Coordinate(y.Place(0))));
    }
}
