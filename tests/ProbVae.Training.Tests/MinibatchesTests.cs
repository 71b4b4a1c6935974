using static TorchSharp.torch;

namespace ProbVae.Training.Tests;

public sealed class MinibatchesTests
{
    [Fact]
    public void EachPassHasEachRowOnceInAnOrderOfItsOwn()
    {
        using var scope = NewDisposeScope();
        var batches = Minibatches.Shuffled(arange(10), 4, new RandomKey(1));
        Assert.Equal((10L, 3L), (batches.Elements, batches.PerPass));
        var passes = Enumerable.Range(0, 3).Select(pass => batches.Between(pass * 3, (pass + 1) * 3).SelectMany(batch => batch.data<long>().ToArray()).ToArray()).ToList();
        Assert.All(passes, pass => Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), pass.Order()));
        Assert.Equal(3, passes.Select(pass => string.Join(' ', pass)).Distinct().Count());
        Assert.Equal([4L, 4, 2], batches.Between(0, 3).Select(batches.SizeOf));
    }

    [Fact]
    public void AStepHasTheSameRowsWhereverOneBegins()
    {
        using var scope = NewDisposeScope();
        var rows = arange(10);
        var all = Minibatches.Shuffled(rows, 4, new RandomKey(1)).Between(0, 9).Select(batch => batch.data<long>().ToArray()).ToList();
        for (var step = 8; step >= 0; step--)
        {
            Assert.Equal(all[step], Minibatches.Shuffled(rows, 4, new RandomKey(1)).Of(step).data<long>().ToArray());
        }
    }

    [Fact]
    public void InOrderMeansInOrder()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), Minibatches.InOrder(arange(10), 4).Between(0, 3).SelectMany(batch => batch.data<long>().ToArray()));
    }

    [Fact]
    public void ProcessesShareTheMinibatchesOfOne()
    {
        using var scope = NewDisposeScope();
        foreach (var made in new Func<IProcessGroup?, Minibatches<TorchSharp.torch.Tensor>>[] { group => Minibatches.Shuffled(arange(11), 4, new RandomKey(1), group), group => Minibatches.InOrder(arange(11), 4, group) })
        {
            var whole = made(null);
            var ranks = Enumerable.Range(0, 3).Select(rank => made(new Place(rank, 3))).ToList();
            for (var step = 0; step < 6; step++)
            {
                Assert.Equal(whole.Of(step).data<long>().ToArray(), ranks.SelectMany(rank => rank.Of(step).data<long>().ToArray()));
                Assert.All(ranks, rank => Assert.InRange(rank.SizeOf(rank.Of(step)), 1, 2));
            }
        }
    }

    [Fact]
    public void WhatIsMadeAheadTrainsTheSame()
    {
        using var folder = new TemporaryFolder();
        using SmallTraining now = new(folder.At("now")), ahead = new(folder.At("ahead"));
        now.Loop().Run();
        using var rows = new Normal(0, 2).Sample(new RandomKey(1), SmallTraining.Rows);
        var feed = Minibatches.Shuffled(rows, SmallTraining.Size, new RandomKey(4));
        TrainingLoop.For(ahead.Svi, new(feed.Elements, feed.PerPass, feed.Of, feed.SizeOf) { Ahead = 2 }, ahead.Folder, ahead.Options).Run();
        Assert.Equal(now.State, ahead.State);
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Minibatches<int>(0, 1, step => 0, _ => 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Minibatches<int>(1, 0, step => 0, _ => 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Minibatches.InOrder(zeros(3), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Minibatches.InOrder(zeros(9), 4, new Place(0, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Minibatches.Shuffled(zeros(9), 4, new RandomKey(1), new Place(1, 2)));
    }

    // A place among processes that need not talk.
    private sealed record Place(int Rank, int Size) : IProcessGroup
    {
        public void Sum(float[] numbers) => throw new NotSupportedException();

        public void Sum(double[] numbers) => throw new NotSupportedException();

        public IReadOnlyList<byte[]> Gather(byte[] message) => throw new NotSupportedException();

        public byte[] Broadcast(byte[] message) => throw new NotSupportedException();
    }
}
