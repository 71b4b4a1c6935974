namespace ProbVae.Reports.Tests;

public sealed class ReportTests
{
    private const string Nasty = "<script>alert('1')</script> & \"quoted\" \u0001 \ud800 ]]> –";
    private const string Shown = "<script>alert('1')</script> & \"quoted\" \uFFFD \uFFFD ]]> –";

    private static readonly Block[] s_blocks =
    [
        new Paragraph(Nasty),
        new Preformatted(Nasty),
        new Facts([(Nasty, Nasty)]),
        new Table([Nasty], [[Nasty]]),
        new Picture(new byte[] { 1, 2, 3 }, Nasty),
        new LineChart(Nasty, Nasty, Nasty, [new LineSeries(Nasty, [new(0, 0), new(1, 1)])]),
        new BarChart(Nasty, Nasty, Nasty, [new Bar(Nasty, 1), new Bar(Nasty, 2, IsMarked: false)], Nasty, Nasty),
        new ScatterChart(Nasty, Nasty, Nasty, [new ScatterClass(Nasty, [new(0, 0), new(1, 1)])]),
    ];

    [Fact]
    public void TextIsShownAsItIsAndNeverReadAsMarkup()
    {
        var page = new Page(new Report(Nasty, Nasty, [new Section(Nasty, new SideBySide(s_blocks)), new Section(Nasty), new Section(Nasty)]));
        Assert.Empty(page.All("script"));
        Assert.Equal(Shown, Assert.Single(page.Texts("title").Distinct(), text => text == Shown));
        Assert.Equal([Shown], page.Texts("h1"));
        Assert.Equal([Shown, Shown, Shown], page.Texts("h2"));
        Assert.Equal([Shown], page.Texts("pre"));
        Assert.Equal([Shown, Shown], [.. page.Texts("dt"), .. page.Texts("dd")]);
        Assert.Equal([Shown, Shown], [.. page.Texts("th"), .. page.Texts("td")]);
        Assert.Equal(Shown, (string?)Assert.Single(page.All("img")).Attribute("alt"));
        Assert.All(page.Texts("figcaption"), text => Assert.Equal(Shown, text));
    }

    [Fact]
    public void APageStandsAlone()
    {
        var page = new Page(s_blocks);
        Assert.DoesNotContain("http:", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(Environment.CurrentDirectory, page.Html, StringComparison.Ordinal);
        Assert.All(page.All("img"), image => Assert.StartsWith("data:image/png;base64,", (string?)image.Attribute("src"), StringComparison.Ordinal));
        Assert.All(page.All("link"), link => Assert.StartsWith("data:", (string?)link.Attribute("href"), StringComparison.Ordinal));
    }

    [Fact]
    public void APictureCarriesItsBytes()
    {
        byte[] bytes = [137, 80, 78, 71, 0, 255];
        var source = (string?)Assert.Single(new Page(new Picture(bytes, "a picture")).All("img")).Attribute("src");
        Assert.Equal(bytes, Convert.FromBase64String(source!["data:image/png;base64,".Length..]));
    }

    [Fact]
    public void ContentsLeadToTheSections()
    {
        var page = new Page(new Report("A page", "", [new Section("One"), new Section("Two"), new Section("Three")]));
        var ids = page.All("section").Select(section => $"#{(string?)section.Attribute("id")}");
        Assert.Equal(ids, page.All("a").Select(link => (string?)link.Attribute("href")));
        Assert.Equal(["One", "Two", "Three"], page.Texts("a"));
    }

    [Fact]
    public void ColumnsOfNumbersStandAtTheRight()
    {
        var page = new Page(new Table(["name", "value"], [["a", "−1.5"], ["b", "1,000"], ["3", ""]]));
        Assert.Equal(["name", "a", "b", "3"], [.. page.OfClass("th", "text").Select(cell => cell.Value), .. page.OfClass("td", "text").Select(cell => cell.Value)]);
        Assert.Equal(["−1.5", "1,000", ""], page.OfClass("td", "number").Select(cell => cell.Value));
    }

    [Fact]
    public void ARowThatDoesNotFitTheHeadIsASentence()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new Page(new Table(["a", "b"], [["1", "2"], ["3"]])));
        Assert.Equal("A row of the table has 1 cells, but there are 2 columns (a, b); give each row a cell for each column.", error.Message);
    }

    [Fact]
    public void TheSameReportIsTheSamePageAndSavesAsItReads()
    {
        var report = new Report("A page", "ä – 𝑧", [new Section("A section", s_blocks)]);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            report.Save(path);
            Assert.Equal(report.ToHtml(), File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
