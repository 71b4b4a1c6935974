using System.Buffers.Binary;
using System.Diagnostics;
using MnistVae;
using ProbVae.Training;

namespace ProbVae.Mpi.Tests;

/// <summary>examples/MnistVae under mpiexec: two processes train and evaluate what one does, and go on after one of them was killed.</summary>
[Collection(Ranks.OneByOne)]
public sealed class FlagshipTests : IDisposable
{
    private const int Images = 300;
    private const int Steps = 120;

    // Epochs of 17 steps and validations of 20; the last minibatch has an odd number of images.
    private static readonly string[] Options =
    [
        "--latent", "2", "--hidden", "16", "--batch", "16", "--hold-out", "31", "--validate-every", "20", "--steps", $"{Steps}",
        "--learning-rate", "0.003", "--checkpoint-minutes", "0.001",
    ];

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "MnistVae.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("flagship-").FullName;

    public FlagshipTests()
    {
        Write("train", Images);
        Write("t10k", 45);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TwoProcessesTrainEvaluateAndGoOnLikeOne()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are found by /proc, which only Linux has.");
        Ends(Ranks.Run(2, ["train", "--data", _folder, "--run", At("two"), .. Options], program: Program));
        Ends(Ranks.Run(0, ["train", "--data", _folder, "--run", At("one"), .. Options], program: Program));
        Alike("one", "two");

        // One of two is killed by the system after a checkpoint.
        var training = Task.Run(() => Ranks.Run(2, ["train", "--data", _folder, "--run", At("killed"), .. Options], program: Program));
        var isKilled = Kill(1, At("killed"), training);
        var killed = await training;
        Assert.True(isKilled, $"Training ended before rank 1 could be killed, so this shows nothing; give it more steps. {killed.Printed}{killed.Errors}");
        Assert.Contains("signal 9", killed.Printed + killed.Errors, StringComparison.Ordinal);
        Assert.NotEqual(0, killed.Code);
        Directory.CreateDirectory(At("alone"));
        foreach (var file in Directory.GetFiles(At("killed")))
        {
            File.Copy(file, Path.Combine(At("alone"), Path.GetFileName(file)));
        }

        // Two go on bit for bit, one to rounding.
        Ends(Ranks.Run(2, ["train", "--run", At("killed"), "--resume"], program: Program));
        Assert.Equal(Parameters("two"), Parameters("killed"));
        Assert.Equal(Rows("two"), Rows("killed"));
        Ends(Ranks.Run(0, ["train", "--run", At("alone"), "--resume"], program: Program));
        Alike("one", "alone");

        string[] evaluate = ["evaluate", "--run", At("two"), "--particles", "30", "--batch", "8", "--threads", "1"];
        var (alone, both) = (Ranks.Run(0, evaluate, program: Program), Ranks.Run(2, evaluate, program: Program));
        Ends(alone);
        Ends(both);
        Assert.Contains("45 rows of plate", alone.Printed, StringComparison.Ordinal);
        Assert.Equal(alone.Printed, both.Printed);
    }

    [Fact]
    public void WhatCannotBeDividedIsRefusedAtOnce()
    {
        var few = Ranks.Run(2, ["train", "--data", _folder, "--run", At("short"), "--batch", "11"], program: Program);
        Assert.Equal(2, few.Code);
        Assert.Contains("--batch is 11, so the last of 45 images' minibatches has 1, fewer than the 2 processes that share it", few.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("short")));
        var sample = Ranks.Run(2, ["sample", "--run", At("short")], program: Program);
        Assert.Equal(2, sample.Code);
        Assert.Contains("error: Under mpiexec this program trains and evaluates", sample.Errors, StringComparison.Ordinal);
    }

    private static void Ends(Ranks ran) => Assert.True(ran.Code == 0, ran.Printed + ran.Errors);

    // Kills a rank some time after the run's first checkpoint; false where the run had ended.
    private static bool Kill(int rank, string run, Task<Ranks> training)
    {
        while (!training.IsCompleted && !File.Exists(Path.Combine(run, TrainingFolder.LastName)))
        {
            Thread.Sleep(5);
        }

        var ranks = Process.GetProcesses().Where(process => Of(process, "cmdline").Contains(run, StringComparison.Ordinal) && Of(process, "environ").Contains($"\0PMI_RANK={rank}\0", StringComparison.Ordinal)).ToList();
        ranks.ForEach(process => process.Kill());
        return ranks.Count == 1;

        static string Of(Process process, string file)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/{file}");
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }

    private void Alike(string one, string other)
    {
        Assert.All(Rows(one).Zip(Rows(other)), pair => Assert.All(pair.First.Zip(pair.Second), numbers => Assert.Equal(numbers.First, numbers.Second, 1e-4 * Math.Max(1, Math.Abs(numbers.First)))));
        Assert.Equal(Rows(one).Length, Rows(other).Length);
        Assert.All(Parameters(one).Zip(Parameters(other)), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));
    }

    private string At(string name) => Path.Combine(_folder, name);

    // The measurements of epochs and validations, without times.
    private double[][] Rows(string name)
    {
        var run = RunFolder.Open(At(name));
        return
        [
            .. run.History.Read().Select(row => new[] { row.Epoch, row.Elbo, row.TestElbo!.Value, row.GradientNorm!.Value }),
            .. run.Validations.Read().Select(row => new[] { row.Step, row.Elbo, row.Reconstruction, row.Kl }),
        ];
    }

    private float[] Parameters(string name)
    {
        var run = RunFolder.Open(At(name));
        using var session = new Session(run.Record.Options, run.Record.Data.TrainCount, DeviceKind.Cpu, threads: 1);
        run.Training.Load(session.Svi);
        Assert.Equal(Steps, session.Svi.StepCount);
        return [.. session.Svi.Parameters.ByName.Values.SelectMany(parameter => parameter.detach().data<float>().ToArray())];
    }

    private void Write(string name, int count)
    {
        Write($"{name}-images-idx3-ubyte", [2051, count, 28, 28], count * 28 * 28, pixel => (byte)(128 + (127 * Math.Sin(pixel / 28 % 28 * (1 + (pixel / 784 % 10)) / 9.0) * Math.Cos(pixel % 28 / 5.0))));
        Write($"{name}-labels-idx1-ubyte", [2049, count], count, image => (byte)(image % 10));
    }

    private void Write(string name, int[] header, int count, Func<int, byte> value)
    {
        var bytes = new byte[4 * header.Length];
        for (var i = 0; i < header.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), header[i]);
        }

        File.WriteAllBytes(At(name), [.. bytes, .. Enumerable.Range(0, count).Select(value)]);
    }
}
