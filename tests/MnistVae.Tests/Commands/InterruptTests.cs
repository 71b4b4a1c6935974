using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MnistVae.Tests.Commands;

public sealed class InterruptTests
{
    /// <summary>Case D5: a closed terminal ends a training as a request to terminate does, with a checkpoint.</summary>
    [Theory]
    [InlineData("-HUP")]
    [InlineData("-TERM")]
    public async Task ASignalEndsATrainingWithACheckpoint(string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TemporaryFolder();
        folder.WriteMnist(train: 300, test: 20);
        string dotnet = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet");
        string[] arguments = ["train", "--data", folder.Root, "--run", folder.At("run"), "--hidden", "8", "--latent", "2", "--batch", "16", "--epochs", "100000", "--threads", "1"];
        var start = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "MnistVae.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var program = Process.Start(start)!;
        var (output, error) = (program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
        string checkpoint = folder.At("run", TrainingFolder.LastName);
        while (!program.HasExited && !File.Exists(checkpoint))
        {
            await Task.Delay(10);
        }

        // Without it no pass would be new in the checkpoint.
        var before = File.GetLastWriteTimeUtc(checkpoint);
        using (var kill = Process.Start("kill", [signal, $"{program.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await program.WaitForExitAsync();
        Assert.Equal((App.Interrupted, "Stopped."), (program.ExitCode, (await error).TrimEnd().Split('\n')[^1]));
        Assert.True(File.GetLastWriteTimeUtc(checkpoint) > before, await output);
        Assert.True(File.Exists(folder.At("run", RunReport.Name)));
        var run = RunFolder.Open(folder.At("run"));
        using var session = new Session(run.Record.Options, run.Record.Data.TrainCount, DeviceKind.Cpu, threads: 1);
        run.Load(session.Svi);
        Assert.True(session.Svi.StepCount > 0);
    }
}
