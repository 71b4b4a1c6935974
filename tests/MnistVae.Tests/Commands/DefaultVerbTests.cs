
namespace MnistVae.Tests.Commands;

public sealed class DefaultVerbTests : IDisposable
{
    private const string Run = "runs/mnist-vae";

    private readonly TemporaryFolder folder = new();
    private readonly RecordingCommands commands = new();

    public DefaultVerbTests()
    {
        folder.WriteMnist();
        RemoveRun();
    }

    public void Dispose()
    {
        RemoveRun();
        folder.Dispose();
    }

    [Fact]
    public async Task WithoutArgumentsItTrains()
    {
        using var error = new StringWriter();
        var app = new App(commands, FakeNetwork.Offline().Locations(folder), TextWriter.Null, error);
        Assert.Equal(0, await app.RunAsync([], CancellationToken.None));
        Assert.Equal(200, commands.Trained!.Hidden.Single());
        Assert.EndsWith(Run, commands.Run!.Folder.Replace('\\', '/'), StringComparison.Ordinal);
    }

    private static void RemoveRun()
    {
        if (Directory.Exists(Run))
        {
            Directory.Delete(Run, recursive: true);
        }
    }
}
