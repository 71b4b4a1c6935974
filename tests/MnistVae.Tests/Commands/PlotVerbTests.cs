using System.Text;
using System.Xml.Linq;

namespace MnistVae.Tests.Commands;

public sealed class PlotVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();
    private readonly string epochs;

    public PlotVerbTests() => epochs = folder.Write("deep-epochs.csv", Encoding.UTF8.GetBytes("""
        epoch,elbo,reconstruction,kl,test_elbo,images_per_second,seconds
        1,-100,-90,10,-99,5000.0,2.000
        2,-95,-84,11,-96,5000.0,2.000

        """));

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public async Task AKeptHistoryBecomesADrawingWithPublishedFigures()
    {
        Assert.Equal(App.Success, await RunAsync("plot", epochs, "--out", folder.At("elbo.svg"), "--title", "Deep: ELBO", "--mark", "published=-103.31", "--mark", "another=1:-101.5,2:-97"));
        Assert.Equal($"Deep: ELBO: {folder.At("elbo.svg")}{Environment.NewLine}", output.ToString());
        var drawing = XDocument.Load(folder.At("elbo.svg"));
        Assert.Equal(["Deep: ELBO"], OfClass(drawing, "title"));
        Assert.Equal(["training", "test", "another", "published: −103.31"], OfClass(drawing, "entry"));
        var tips = drawing.Descendants().Where(element => element.Name.LocalName == "circle").Select(circle => circle.Value).Where(tip => tip.Length > 0);
        Assert.Equal(["training: −100 at 1", "training: −95 at 2", "test: −99 at 1", "test: −96 at 2", "another: −101.5 at 1", "another: −97 at 2"], tips);
    }

    [Fact]
    public async Task AnotherTermIsAnotherDrawing()
    {
        Assert.Equal(App.Success, await RunAsync("plot", epochs, "--term", "kl", "--out", folder.At("kl.svg")));
        var drawing = XDocument.Load(folder.At("kl.svg"));
        Assert.Equal(["KL(q ‖ p)"], OfClass(drawing, "title"));
        Assert.Equal(["training"], OfClass(drawing, "entry"));
    }

    [Theory]
    [InlineData("published")]
    [InlineData("=-103.31")]
    [InlineData("published=")]
    [InlineData("published=NaN")]
    [InlineData("published=1:2:3")]
    [InlineData("published=1:2,3")]
    [InlineData("published=1,2")]
    public async Task AMarkThatIsNoneIsASentence(string mark)
    {
        Assert.Equal(App.UserMistake, await RunAsync("plot", epochs, "--out", folder.At("elbo.svg"), "--mark", mark));
        Assert.Equal($"error: --mark is '{mark}', but it must be a name with a number, as published=-103.31, or with points, as published=5:-113.65,10:-108.2.{Environment.NewLine}", error.ToString());
        Assert.False(File.Exists(folder.At("elbo.svg")));
    }

    [Fact]
    public async Task RunsAndAFileAreWanted()
    {
        Assert.Equal(App.UserMistake, await RunAsync("plot", "--out", folder.At("elbo.svg")));
        Assert.StartsWith("error: plot takes from 1 to 50 runs, but 0 were named;", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(App.UserMistake, await RunAsync("plot", epochs));
        Assert.Contains("error: plot has no file to write; name one with --out.", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(App.UserMistake, await RunAsync("plot", epochs, "--out", folder.Root));
        Assert.Contains($"{folder.Root} could not be written (", error.ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> OfClass(XDocument drawing, string name) =>
        drawing.Descendants().Where(element => (string?)element.Attribute("class") == name).Select(element => element.Value);

    private Task<int> RunAsync(params string[] arguments)
    {
        return new App(new RecordingCommands(), FakeNetwork.Offline().Locations(folder), output, error).RunAsync(arguments, CancellationToken.None);
    }
}
