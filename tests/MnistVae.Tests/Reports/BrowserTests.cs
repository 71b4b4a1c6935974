using System.Diagnostics;
using ProbVae.Reports;

namespace MnistVae.Tests.Reports;

public sealed class BrowserTests : IDisposable
{
    // The page itself has no script; this one tells what a browser made of it.
    private const string Probe = """
        <script>onload = () => { document.title = "probe:" + [
          [...document.images].filter(i => i.complete && i.naturalWidth > 0).length,
          [...document.querySelectorAll("figure > svg")].filter(s => s.getBoundingClientRect().height > 50).length,
          document.documentElement.scrollWidth <= innerWidth ].join(","); }</script></body>
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [ChromiumFact]
    public async Task ABrowserShowsChartsAndPicturesAndComplainsOfNothing()
    {
        byte[] png = ContactSheet.Png(TorchSharp.torch.zeros(1, 28, 28), columns: 1);
        ChartPoint[] points = [new(0, 1), new(1, double.NaN), new(2, 3)];
        var report = new Report("A page", "", [new Section("A section", new SideBySide(
            new LineChart("lines", "x", "y", [new LineSeries("a", points)]),
            new BarChart("bars", "x", "y", [new Bar("a", 1)]),
            new ScatterChart("points", "x", "y", [new ScatterClass("a", points)]),
            new Picture(png, "a picture")))]);
        var path = folder.Write("page.html", System.Text.Encoding.UTF8.GetBytes(report.ToHtml().Replace("</body>", Probe, StringComparison.Ordinal)));
        var (dom, log) = await Open(path);
        Assert.Contains("<title>probe:1,3,true</title>", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task ABrowserShowsADrawingThatIsAFile()
    {
        var chart = new LineChart("a chart", "x", "y", [new LineSeries("a", [new(0, 1), new(1, 3)])]) { References = [new("published", 2)] };
        folder.Write("chart.svg", System.Text.Encoding.UTF8.GetBytes(chart.ToSvg()));
        var path = folder.Write("page.html", System.Text.Encoding.UTF8.GetBytes($"<html><body><img src='chart.svg' width='400'/>{Probe}"));
        var (dom, log) = await Open(path);
        // An image that is no whole drawing has no size of its own.
        Assert.Contains("<title>probe:1,0,true</title>", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
    }

    private async Task<(string Dom, string Log)> Open(string path)
    {
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--window-size=500,900",
            $"--user-data-dir={folder.At("profile")}", "--virtual-time-budget=5000", "--dump-dom", new Uri(path).AbsoluteUri,
        ];
        using var browser = Process.Start(new ProcessStartInfo(ChromiumFactAttribute.Program!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (dom, log) = (browser.StandardOutput.ReadToEndAsync(), browser.StandardError.ReadToEndAsync());
        await browser.WaitForExitAsync();
        return (await dom, await log);
    }
}
