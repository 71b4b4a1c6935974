using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Checkpoints on disk: when they are due, that they are whole, and that a run goes on from one.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("probvae-checkpoint-").FullName;

    private string At => Path.Combine(_folder, "deep", "run.bin");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void OneIsDueWhenTheTimeHasPassed()
    {
        var time = new ManualTime();
        var file = new CheckpointFile(At, TimeSpan.FromMinutes(5), time);
        Assert.False(file.IsDue);
        time.Advance(TimeSpan.FromMinutes(4.9));
        Assert.False(file.IsDue);
        time.Advance(TimeSpan.FromMinutes(0.1));
        Assert.True(file.IsDue);
        file.Write(_ => { });
        Assert.False(file.IsDue);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(file.IsDue);
        Assert.True(new CheckpointFile(At, TimeSpan.Zero, time).IsDue);
    }

    [Fact]
    public void AFailedWriteLeavesTheOldOneAndNothingElse()
    {
        var file = new CheckpointFile(At, TimeSpan.Zero);
        file.Write(stream => stream.Write([1, 2, 3]));
        Assert.Throws<InvalidOperationException>(() => file.Write(stream =>
        {
            stream.Write([4]);
            throw new InvalidOperationException();
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(At));
        Assert.Equal([At], Directory.GetFiles(Path.GetDirectoryName(At)!));
    }

    [Fact]
    public void WhatAKilledProcessLeftIsRemoved()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At)!);
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(At)!, ".run.bin.part"), [1]);
        Assert.False(new CheckpointFile(At, TimeSpan.Zero).Exists);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(At)!));
    }

    [Fact]
    public void ARunGoesOnBitForBit()
    {
        using SmallVae first = new(), second = new(), third = new();
        using Svi<Tensor> whole = first.Svi(), before = second.Svi(), after = third.Svi();
        var file = new CheckpointFile(At, TimeSpan.Zero);
        Assert.False(file.TryLoad(after));
        whole.Fit(step => first.Batch((int)step), steps: 9);
        before.Fit(step => second.Batch((int)step), steps: 4, new FitOptions { OnStep = _ => Assert.True(file.SaveIfDue(before)) });
        Assert.True(file.TryLoad(after));
        Assert.Equal(4, after.StepCount);
        after.Fit(step => third.Batch((int)step), steps: 5);
        Assert.Equal(Inferences.Snapshot(whole), Inferences.Snapshot(after));
        Assert.NotEqual(Inferences.Snapshot(whole), Inferences.Snapshot(before));
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan span) => _ticks += span.Ticks;
    }
}
