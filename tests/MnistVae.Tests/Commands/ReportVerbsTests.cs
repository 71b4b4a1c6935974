using MnistVae.Tests.Models;

namespace MnistVae.Tests.Commands;

public sealed class ReportVerbsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RecordingCommands commands = new();
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public void Dispose()
    {
        folder.Dispose();
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public async Task ReportGetsTheRunWithTheImagesItWasTrainedOn()
    {
        var run = Run("run", SmallDigits.Options with { Limit = 20, HoldOut = 5 });
        Assert.Equal(App.Success, await RunAsync("report", "--run", run.Folder, "--threads", "2"));
        Assert.Equal(new ReportOptions { Run = run.Folder, Threads = 2 }, commands.Reported);
        Assert.Equal((15, 5, 20), (commands.Data!.Train.Count, commands.Data.Validation!.Count, commands.Data.Test.Count));
    }

    [Fact]
    public async Task ComparePrintsATableAndWritesThePage()
    {
        var (first, second) = (Run("first", SmallDigits.Options), Run("second", SmallDigits.Options with { Latent = 64 }));
        first.History.Append(new EpochRow(1, -100, -90, 10, null, null, null, null, 1000, 2));
        Assert.Equal(App.Success, await RunAsync("compare", first.Folder, second.Folder, "--html", folder.At("page.html")));
        var lines = output.ToString().Split(Environment.NewLine);
        Assert.Equal(["first", "second"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["latent", "3", "64"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("first, training", File.ReadAllText(folder.At("page.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareWantsTwoRunsThatAreThere()
    {
        Assert.Equal(App.UserMistake, await RunAsync("compare", Run("first", SmallDigits.Options).Folder));
        Assert.Equal("error: compare takes from 2 to 50 runs, but 1 were named; name their folders one after the other." + Environment.NewLine, error.ToString());
        Assert.Equal(App.UserMistake, await RunAsync("compare", folder.At("first"), folder.At("none")));
        Assert.Contains($"{folder.At("none")} holds no run", error.ToString(), StringComparison.Ordinal);
    }

    private RunFolder Run(string name, TrainOptions options) =>
        RunFolder.Create(folder.At(name), RunRecord.Start(options, SmallDigits.Data().Source), overwrite: false);

    private Task<int> RunAsync(params string[] arguments)
    {
        return new App(commands, FakeNetwork.Offline().Locations(folder), output, error).RunAsync(arguments, CancellationToken.None);
    }
}
