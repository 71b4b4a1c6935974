namespace ProbVae.Training.Tests;

public sealed class TrainingFolderTests : IDisposable
{
    private readonly TemporaryFolder _folders = new();

    public void Dispose() => _folders.Dispose();

    [Fact]
    public void DamageAnywhereIsASentenceAndChangesNothing()
    {
        using var small = new SmallTraining(_folders.At("run"));
        small.Loop().Run();
        var (bytes, state) = (File.ReadAllBytes(small.Folder.Last), small.State);
        for (var place = 0; place < bytes.Length; place += 7)
        {
            bytes[place] ^= 0x10;
            File.WriteAllBytes(small.Folder.Last, bytes);
            Assert.Contains("checkpoint", Assert.Throws<CheckpointException>(() => small.Folder.Load(small.Svi)).Message, StringComparison.Ordinal);
            bytes[place] ^= 0x10;
        }

        for (var length = 0; length < bytes.Length; length += 11)
        {
            File.WriteAllBytes(small.Folder.Last, bytes[..length]);
            Assert.Throws<CheckpointException>(() => small.Folder.Load(small.Svi));
        }

        Assert.Equal(state, small.State);
    }

    [Fact]
    public void AFolderWithoutACheckpointSaysSo()
    {
        using var small = new SmallTraining(_folders.At("run"));
        Assert.ThrowsAny<IOException>(() => small.Folder.LoadBest(small.Svi));
        Assert.Equal((false, false), (small.Folder.HasLast, small.Folder.HasBest));
    }

    [Fact]
    public void TheStateIsThatOfTheLastCheckpoint()
    {
        using var small = new SmallTraining(_folders.At("run"));
        small.Loop().Run();
        var state = small.Folder.Load(small.Svi);
        // 14 steps of 16, 16 and 8 rows: two into the fifth pass.
        Assert.Equal((32L, false), (state.Pass.Elements, state.IsOpen));
        Assert.NotNull(state.Best);
    }
}
