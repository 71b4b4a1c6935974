using System.Globalization;
using System.Xml.Linq;
using static TorchSharp.torch;

namespace ProbVae.Reports.Tests;

public sealed class SvgFileTests
{
    private const string Nasty = "<script>alert('1')</script> & \"quoted\" \u0001 ]]> –";

    private static readonly ChartPoint[] s_points = [new(0, 0), new(1, double.NaN), new(2, 5)];

    public static TheoryData<string> Kinds => ["lines", "bars", "points", "graph"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AFileHasAllThatThePageHasAndStandsAlone(string kind)
    {
        var chart = Of(kind, "A title");
        var svg = chart.ToSvg();
        var file = XDocument.Parse(svg);
        XNamespace space = "http://www.w3.org/2000/svg";
        Assert.Equal(space + "svg", file.Root!.Name);
        Assert.Equal(file.Root.Attribute("viewBox")!.Value, $"0 0 {file.Root.Attribute("width")!.Value} {file.Root.Attribute("height")!.Value}");
        Assert.Empty(file.Descendants(space + "script"));
        Assert.All(["href", "@import", "var(", "url(h"], word => Assert.DoesNotContain(word, svg, StringComparison.Ordinal));
        Assert.Equal(2, svg.Split("://").Length);
        var page = new Page(chart);
        var texts = file.Descendants(space + "text").Select(text => text.Value).ToList();
        Assert.All(["A title", .. page.Texts("text"), .. page.Texts("li"), .. page.OfClass("p", "note").Select(note => note.Value)], text => Assert.Contains(text, texts));
        Assert.Equal(kind == "graph" ? 0 : 2, page.Texts("li").Count);
        Assert.Equal(Shapes(page.All("svg").SelectMany(drawing => drawing.Elements())), Shapes(file.Root.Descendants().Where(element => element.Name.LocalName is not ("text" or "style" or "g") && (string?)element.Attribute("class") != "sheet")));
    }

    [Fact]
    public void AGroundAndColoursAreWrittenOutForBothKindsOfPages()
    {
        var svg = Of("lines", "A title").ToSvg();
        var (light, dark) = (svg[..svg.IndexOf("@media", StringComparison.Ordinal)], svg[svg.IndexOf("@media (prefers-color-scheme:dark)", StringComparison.Ordinal)..]);
        Assert.Contains(".sheet{fill:#ffffff", light, StringComparison.Ordinal);
        Assert.Contains(".sheet{fill:#1b1f24", dark, StringComparison.Ordinal);
        Assert.Contains(".c0{color:#0072b2}", light, StringComparison.Ordinal);
        Assert.Contains(".c0{color:#4aa8e8}", dark, StringComparison.Ordinal);
    }

    [Fact]
    public void LongTitlesRemarksAndLegendsGoOnInLinesWithinTheFile()
    {
        const string word = "seventeen-letters";
        var chart = new LineChart(string.Join(' ', Enumerable.Repeat(word, 12)), "x", "y", [.. Enumerable.Range(0, 12).Select(i => new LineSeries($"{word} {i}", s_points))])
        {
            References = [new(word, 3)],
        };
        var file = XDocument.Parse(chart.ToSvg());
        var (width, height) = (Number(file.Root!, "width"), Number(file.Root!, "height"));
        var titles = OfClass(file, "title");
        Assert.InRange(titles.Count, 3, 6);
        Assert.Equal(chart.Title, string.Join(' ', titles.Select(line => line.Value)));
        var entries = OfClass(file, "entry");
        Assert.Equal(13, entries.Count);
        Assert.All(entries, entry =>
        {
            double[] place = [.. entry.Parent!.Attribute("transform")!.Value["translate(".Length..^1].Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
            // A letter of 12 units is about 6 wide on average.
            Assert.InRange(place[0] + Number(entry, "x") + (6 * entry.Value.Length), 0, width);
            Assert.InRange(place[1] + 12, 0, height);
        });
        Assert.Equal(13, entries.Select(entry => entry.Parent!.Attribute("transform")!.Value).Distinct().Count());
    }

    [Fact]
    public void TextIsShownAsItIsAndNeverReadAsMarkup()
    {
        var file = XDocument.Parse(new LineChart(Nasty, Nasty, Nasty, [new(Nasty, s_points)]).ToSvg());
        Assert.DoesNotContain(file.Descendants(), element => element.Name.LocalName == "script");
        Assert.Contains(Nasty.Replace('\u0001', '\uFFFD'), file.Descendants().Select(element => element.Value));
    }

    [Fact]
    public void AFileIsWrittenAsItReads()
    {
        var chart = Of("bars", "ä – 𝑧");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            chart.SaveSvg(path);
            Assert.Equal(chart.ToSvg(), File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Chart Of(string kind, string title)
    {
        switch (kind)
        {
            case "lines":
                return new LineChart(title, "to the right", "upwards", [new("a", s_points)]) { References = [new("published", 3)] };
            case "bars":
                return new BarChart(title, "to the right", "upwards", [new("one", 1), new("two", 2, IsMarked: false), new("odd", double.NaN)], "marked", "not marked");
            case "points":
                return new ScatterChart(title, "to the right", "upwards", [new("a", s_points), new("b", [])]);
            default:
                using (var data = zeros(4))
                {
                    var model = Model.Given<Tensor>("m").Sample("z", new Normal(0, 1), out var z).Plate("rows", total: 4, batch: x => x.shape[0]).Observe("x", s => new Normal(s[z], 1), x => x, out _).Build();
                    return new ModelGraph(title, model.Render(data));
                }
        }
    }

    // What is drawn, whatever lies around it.
    private static List<string> Shapes(IEnumerable<XElement> elements) =>
        [.. elements.SelectMany(element => element.DescendantsAndSelf()).Where(element => element.Name.LocalName is "path" or "circle" or "rect" or "ellipse" or "line")
            .Select(element => $"{element.Name.LocalName} {string.Join(' ', element.Attributes().Select(attribute => attribute.Value))}").Distinct().Order(StringComparer.Ordinal)];

    private static List<XElement> OfClass(XDocument file, string name) => [.. file.Descendants().Where(element => (string?)element.Attribute("class") == name)];

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
