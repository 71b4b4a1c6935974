using System.Globalization;
using System.Xml.Linq;

namespace ProbVae.Reports.Tests;

public sealed class ChartTests
{
    private static readonly double[] s_odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    public static TheoryData<double[]> Values => new()
    {
        Array.Empty<double>(),
        new[] { double.NaN },
        new[] { 3.0 },
        new[] { 0.0, 0.0 },
        new[] { 1e300, -1e300 },
        new[] { double.MaxValue, double.MinValue },
        new[] { 1e-300, 2e-300 },
        new[] { 1e9, 1e9 + 1 },
        new[] { 1, double.NaN, 2, double.PositiveInfinity, 3 },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void AnyValuesMakeAWellFormedChartWithFiniteCoordinates(double[] values)
    {
        var points = values.Select((value, i) => new ChartPoint(i, value)).ToList();
        var page = new Page(
            new LineChart("lines", "x", "y", [new LineSeries("a", points), new LineSeries("none", [])]),
            new BarChart("bars", "x", "y", [.. values.Select(value => new Bar("a", value))]),
            new ScatterChart("points", "x", "y", [new ScatterClass("a", [.. values.Select((value, i) => new ChartPoint(value, i))])]));
        Assert.Equal(3, page.OfClass("figure", "chart").Count);
        string[] places = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"];
        var coordinates = page.All("svg").SelectMany(svg => svg.Descendants()).SelectMany(element => element.Attributes()).Where(attribute => places.Contains(attribute.Name.LocalName));
        Assert.All(coordinates, attribute => Assert.InRange(double.Parse(attribute.Value, CultureInfo.InvariantCulture), -1, 500));
        // No chart of a few hundred points to a side has more marks than a person would read.
        Assert.InRange(page.All("text").Count, 1, 100);
    }

    [Fact]
    public void WithoutValuesAChartSaysSo()
    {
        var page = new Page(
            new LineChart("lines", "x", "y", []), new BarChart("bars", "x", "y", []), new ScatterChart("points", "x", "y", []));
        Assert.Equal(3, page.Texts("text").Count(text => text == "No values to show."));
    }

    [Fact]
    public void ALineBreaksWhereAValueIsNotFinite()
    {
        var page = new Page(new LineChart("lines", "x", "y", [new LineSeries("a", [new(0, 1), new(1, 2), new(2, double.NaN), new(3, 2), new(4, 1)])]));
        var path = (string)Assert.Single(page.OfClass("path", "line")).Attribute("d")!;
        Assert.Equal(2, path.Count(letter => letter == 'M'));
        Assert.Equal(2, path.Count(letter => letter == 'L'));
        Assert.Contains("Values that are not finite leave gaps (1).", page.Texts("p"));
    }

    [Fact]
    public void HigherValuesStandHigherAndLaterOnesToTheRight()
    {
        var page = new Page(new LineChart("lines", "x", "y", [new LineSeries("a", [new(0, 1), new(1, 3), new(2, 2)])]));
        var (x, y) = (Numbers(page.All("circle"), "cx"), Numbers(page.All("circle"), "cy"));
        Assert.True(x[0] < x[1] && x[1] < x[2]);
        Assert.True(y[1] < y[2] && y[2] < y[0]);
        Assert.Equal(x[1] - x[0], x[2] - x[1], 0.02);
        Assert.Equal(["a: 1 at 0", "a: 3 at 1", "a: 2 at 2"], page.All("circle").Select(circle => circle.Value));
    }

    [Fact]
    public void WhatLiesFarAtTheStartIsCutOffWhereThatIsAskedForAndItIsSaid()
    {
        LineSeries falls = new("a", [.. Enumerable.Range(0, 101).Select(i => new ChartPoint(i, i < 4 ? 1000 : 200 - i))]);
        LineSeries rises = new("b", [.. Enumerable.Range(0, 101).Select(i => new ChartPoint(i, i == 0 ? -1000 : i))]);
        var whole = new Page(new LineChart("lines", "x", "y", [falls, rises]));
        var cut = new Page(new LineChart("lines", "x", "y", [falls, rises]) { CutStart = 0.05 });
        Assert.Empty(whole.OfClass("p", "note"));
        Assert.Contains("−1000", whole.Texts("text"));
        // From x = 5 on, values go from 5 to 195; what ends low, as the one series, or high, as the other, is never cut.
        Assert.Equal("Not shown: values below 5 (5) and above 195 (5).", Assert.Single(cut.OfClass("p", "note")).Value);
        Assert.DoesNotContain("−1000", cut.Texts("text"));
        Assert.Contains("b: 100 at 100", cut.All("circle").Select(circle => circle.Value));
        Assert.DoesNotContain("b: −1000 at 0", cut.All("circle").Select(circle => circle.Value));
    }

    [Fact]
    public void AReferenceIsALevelLineWithRoomOnTheAxis()
    {
        LineSeries series = new("a", [new(0, 1), new(1, 3)]);
        var page = new Page(new LineChart("lines", "x", "y", [series]) { References = [new("published", 7), new("none", double.NaN)] });
        var level = Assert.Single(page.OfClass("line", "level"), line => line.Attribute("x2")!.Value != "23");
        var height = (double)level.Attribute("y1")!;
        Assert.Equal(height, (double)level.Attribute("y2")!);
        // Above both points, as far over the upper one as twice that one over the lower.
        var points = Numbers(page.All("circle"), "cy");
        Assert.Equal(2, (points[1] - height) / (points[0] - points[1]), 0.01);
        Assert.InRange(height, 0, points[1]);
        Assert.Equal(["a", "published: 7"], page.Texts("li"));
    }

    [Fact]
    public void PointsCanStandWithoutALine()
    {
        var page = new Page(new LineChart("lines", "x", "y", [new("a", [new(0, 1), new(1, 3)]) { HasLine = false }]));
        Assert.Empty(page.OfClass("path", "line"));
        Assert.Empty(page.OfClass("line", "line"));
        Assert.Equal(3, page.OfClass("circle", "mark").Count);
    }

    [Fact]
    public void ALongSeriesIsThinnedWithItsEndsKept()
    {
        var page = new Page(new LineChart("lines", "x", "y", [new LineSeries("a", [.. Enumerable.Range(0, 100_000).Select(i => new ChartPoint(i, Math.Sin(i)))])]));
        Assert.InRange(page.Html.Length, 10_000, 100_000);
        var titles = page.All("circle").Select(circle => circle.Value).ToList();
        Assert.EndsWith(" at 0", titles[0], StringComparison.Ordinal);
        Assert.EndsWith(" at 99999", titles[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void BarsAreAsHighAsTheirValuesAndMarkedOnesStandOut()
    {
        var page = new Page(new BarChart("bars", "x", "y", [new Bar("a", 4), new Bar("b", 2), new Bar("c", -1, IsMarked: false), new Bar("d", s_odd[0])], "marked", "not"));
        var bars = page.OfClass("rect", "bar").Where(bar => bar.Attribute("x")!.Value != "5").ToList();
        var heights = Numbers(bars, "height");
        Assert.Equal(3, heights.Count);
        Assert.Equal([2, 4], [heights[0] / heights[1], heights[0] / heights[2]], (left, right) => Math.Abs(left - right) < 0.01);
        Assert.Equal([true, true, false], bars.Select(bar => bar.Attribute("class")!.Value == "bar c0"));
        Assert.Contains("Values that are not finite are left out (1).", page.Texts("p"));
        Assert.Equal(["marked", "not"], page.Texts("li"));
    }

    [Fact]
    public void TenClassesDifferInColourAndNeighboursInShape()
    {
        var page = new Page(new ScatterChart("points", "x", "y", [.. Enumerable.Range(0, 10).Select(i => new ScatterClass($"{i}", [new(i, s_odd[2]), new(i, i)]))]));
        var dots = page.OfClass("path", "dot").Where(dot => dot.HasElements).ToList();
        Assert.Equal(10, dots.Select(dot => (string?)dot.Attribute("class")).Distinct().Count());
        Assert.All(dots.Zip(dots.Skip(1)), pair => Assert.NotEqual((string?)pair.First.Attribute("d"), (string?)pair.Second.Attribute("d")));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), page.Texts("li"));
        Assert.Contains("Points that are not finite are left out (10).", page.Texts("p"));
    }

    [Fact]
    public void LinesDifferUnlessTheyAreToldToBeAlike()
    {
        ChartPoint[] points = [new(0, 0), new(1, 1)];
        var page = new Page(new LineChart("lines", "x", "y", [new("a", points), new("b", points), new("c", points) { Colour = 0, Dash = 1 }]));
        var lines = page.OfClass("path", "line");
        Assert.Equal(["line c0", "line c1", "line c0"], lines.Select(line => (string?)line.Attribute("class")));
        Assert.Equal(["", "6 3", "6 3"], lines.Select(line => (string?)line.Attribute("stroke-dasharray")));
        Assert.Equal(lines.Select(line => (string?)line.Attribute("class")), page.OfClass("line", "line").Select(key => (string?)key.Attribute("class")));
    }

    [Fact]
    public void MarksAreRoundNumbers()
    {
        var page = new Page(new LineChart("lines", "x", "y", [new LineSeries("a", [new(0, -123.4), new(7, -98.7)])]) { HasWholeMarks = true });
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], page.OfClass("text", "middle").Select(text => text.Value).Take(8));
        Assert.Equal(["−120", "−115", "−110", "−105", "−100"], page.OfClass("text", "end").Select(text => text.Value));
    }

    private static List<double> Numbers(IEnumerable<XElement> elements, string attribute) =>
        [.. elements.Select(element => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture))];
}
