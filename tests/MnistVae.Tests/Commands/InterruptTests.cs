using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MnistVae.Tests.Commands;

public sealed class InterruptTests
{
    [Fact]
    public void TheFirstSignalCancelsAndTheSecondEnds()
    {
        using var interrupt = new Interrupt();
        Assert.False(interrupt.Token.IsCancellationRequested);
        Assert.True(interrupt.OnSignal());
        Assert.True(interrupt.Token.IsCancellationRequested);
        Assert.False(interrupt.OnSignal());
    }

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
        string checkpoint = folder.At("run", Checkpoint.Name);
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
        Checkpoint.Load(run, session.Svi);
        Assert.True(session.Svi.StepCount > 0);
    }

    [Fact]
    public void AWriterToAClosedTerminalIsSilent()
    {
        using var closed = new Closed();
        using var writer = new TerminalWriter(closed);
        writer.WriteLine("This is not read.");
        writer.Write("Nor is this.");
        writer.Flush();
        Assert.True(writer.IsClosed);
        Assert.Equal(1, closed.Tries);
        using var open = new StringWriter();
        using var through = new TerminalWriter(open);
        through.Write('a');
        through.Write("bc");
        through.Write(['d', 'e', 'f'], 1, 2);
        through.WriteLine("g");
        Assert.Equal($"abcefg{Environment.NewLine}", open.ToString());
    }

    private sealed class Closed : StringWriter
    {
        public int Tries { get; private set; }

        public override void WriteLine(string? value)
        {
            Tries++;
            throw new IOException("Input/output error");
        }
    }
}
