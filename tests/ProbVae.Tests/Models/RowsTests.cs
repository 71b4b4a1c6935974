using MathNet.Numerics.Distributions;

namespace ProbVae.Tests.Models;

public sealed class RowsTests
{
    [Fact]
    public void AllAreAllInOrder()
    {
        Assert.Equal([0L, 1, 2, 3], Rows.All(4).Indices);
        Assert.Equal("Rows: all of 0 elements was asked for; give a total from 1 to 2147483647. (Parameter 'total')", Assert.Throws<ArgumentOutOfRangeException>(() => Rows.All(0)).Message);
    }

    [Fact]
    public void ADrawOfAsManyAsThereAreIsAllOfThem() => Assert.Equal(Rows.All(50).Indices, Rows.Draw(50, 50, new RandomKey(3)).Indices.Order());

    /// <summary>A total that no permutation fits into memory: the cost is that of the draw.</summary>
    [Fact]
    public void AFewOfVeryManyAreDrawnAtTheCostOfAFew()
    {
        const long total = 1L << 50;
        var drawn = Rows.Draw(total, 1000, new RandomKey(1)).Indices;
        Assert.Equal(1000, drawn.Distinct().Count());
        Assert.All(drawn, row => Assert.InRange(row, 0, total - 1));
        // The mean of 1,000 uniform numbers has a standard error of 1 / √12,000; within five of them, a false alarm in 1.7 million.
        Assert.Equal(0.5, drawn.Average(row => (double)row / total), 5 / Math.Sqrt(12_000));
    }

    /// <summary>Pearson's χ² of all 24 ordered draws of 3 of 4 rows below its 1 − 1e−6 quantile.</summary>
    [Fact]
    public void EveryOrderedSubsampleIsAsLikely()
    {
        const int draws = 12_000;
        var counts = Enumerable.Range(0, draws).Select(i => string.Join(' ', Rows.Draw(4, 3, new RandomKey(7).Fold(i)).Indices)).CountBy(rows => rows).ToList();
        Assert.Equal(24, counts.Count);
        var mean = draws / 24.0;
        Assert.InRange(counts.Sum(count => (count.Value - mean) * (count.Value - mean) / mean), ChiSquared.InvCDF(23, 1e-6), ChiSquared.InvCDF(23, 1 - 1e-6));
    }
}
