using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MnistVae.Tests.Training;

/// <summary>A program that is killed at any moment, with no chance to tidy up, goes on as if it had not been.</summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 3;
    private const int Images = 300;

    private readonly TemporaryFolder folder = new();

    public KillTests() => folder.WriteMnist(train: Images, test: 20);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ARunThatIsKilledEndsLikeOneThatIsNot()
    {
        // 60 ms between two checkpoints; epochs of 17 steps and validations of 20 end at every distance from them.
        string[] options =
        [
            "--latent", "2", "--hidden", "16", "--batch", "16", "--steps", "600", "--hold-out", "30", "--validate-every", "20", "--schedule", "cosine",
            "--schedule-steps", "400", "--clip-norm", "50", "--prefetch", "2", "--threads", "1", "--learning-rate", "0.003", "--checkpoint-minutes", "0.001",
        ];
        string[] start = ["train", "--data", folder.Root, "--run", folder.At("killed"), .. options];
        string[] resume = ["train", "--run", folder.At("killed"), "--resume"];
        var random = new Random(1);
        int killed = 0;
        for (int run = 0; run < Kills; run++)
        {
            killed += await KilledAsync(run == 0 ? start : resume, random.Next(250)) ? 1 : 0;
        }

        Assert.True(killed > 0, $"{killed} of {Kills} programs were killed before they ended, so this shows nothing; give them more --steps.");
        await EndsAsync(resume);
        await EndsAsync(["train", "--data", folder.Root, "--run", folder.At("whole"), .. options]);
        Assert.DoesNotContain(folder.AllFiles(), file => file.EndsWith(".part", StringComparison.Ordinal));
        var (whole, broken) = (RunFolder.Open(folder.At("whole")), RunFolder.Open(folder.At("killed")));
        Assert.Equal(whole.History.Read().Select(row => row with { Seconds = 0, ImagesPerSecond = 0 }), broken.History.Read().Select(row => row with { Seconds = 0, ImagesPerSecond = 0 }));
        Assert.Equal(whole.Validations.Read().Select(row => row with { Seconds = 0 }), broken.Validations.Read().Select(row => row with { Seconds = 0 }));
        Assert.Equal(30, whole.Validations.Read().Count);
        Assert.Equal(Parameters(whole, TrainingFolder.LastName), Parameters(broken, TrainingFolder.LastName));
        Assert.Equal(Parameters(whole, TrainingFolder.BestName), Parameters(broken, TrainingFolder.BestName));
    }

    // Kills a program some time after its first checkpoint; false where it had ended.
    private async Task<bool> KilledAsync(string[] arguments, int milliseconds)
    {
        string dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet");
        var begun = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "MnistVae.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var program = Process.Start(begun)!;
        var (output, error) = (program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
        string checkpoint = folder.At("killed", TrainingFolder.LastName);
        var before = File.GetLastWriteTimeUtc(checkpoint);
        while (!program.HasExited && File.GetLastWriteTimeUtc(checkpoint) == before)
        {
            await Task.Delay(5);
        }

        await Task.Delay(milliseconds);
        bool isKilled = !program.HasExited;
        program.Kill();
        await program.WaitForExitAsync();
        Assert.True(isKilled || program.ExitCode == 0, await output + await error);
        return isKilled;
    }

    private async Task EndsAsync(string[] arguments)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await new App(new VaeCommands(), FakeNetwork.Offline().Locations(folder), output, output).RunAsync(arguments, CancellationToken.None));
    }

    private static Dictionary<string, float[]> Parameters(RunFolder run, string checkpoint)
    {
        using var session = new Session(run.Record.Options, run.Record.Data.TrainCount, DeviceKind.Cpu, threads: 1);
        run.Load(session.Svi, checkpoint);
        return session.Svi.Parameters.ByName.ToDictionary(pair => pair.Key, pair => pair.Value.detach().data<float>().ToArray());
    }
}
