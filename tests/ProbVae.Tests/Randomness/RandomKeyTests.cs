using MathNet.Numerics.Distributions;
using static TorchSharp.torch;

namespace ProbVae.Tests.Randomness;

public sealed class RandomKeyTests
{
    private const int Million = 1_000_000;
    private static readonly RandomKey Root = new(1);

    [Fact]
    public void A_million_folds_of_one_key_do_not_collide() =>
        Assert.Equal(Million, Enumerable.Range(0, Million).Select(i => Root.Fold(i).Value).Distinct().Count());

    /// <summary>Two random 64-bit numbers among a million collide once in 37 million seeds.</summary>
    [Fact]
    public void Folds_of_different_keys_do_not_collide() =>
        Assert.Equal(Million, Enumerable.Range(0, Million).Select(i => new RandomKey(i / 1000).Fold(i % 1000).Value).Distinct().Count());

    /// <summary>Pearson's χ² over 1,024 cells of a million keys below its 1 − 1e−6 quantile, for the high and the low bits.</summary>
    [Theory]
    [InlineData(54)]
    [InlineData(0)]
    public void Folded_keys_are_uniform(int shift)
    {
        const int cells = 1024;
        var counts = new int[cells];
        for (var i = 0; i < Million; i++)
        {
            counts[(Root.Fold("z").Fold(i).Value >>> shift) & (cells - 1)]++;
        }

        var mean = (double)Million / cells;
        var statistic = counts.Sum(count => (count - mean) * (count - mean) / mean);
        Assert.InRange(statistic, ChiSquared.InvCDF(cells - 1, 1e-6), ChiSquared.InvCDF(cells - 1, 1 - 1e-6));
    }

    /// <summary>Half of the 64 bits change on average: within five standard errors, a false alarm in 1.7 million.</summary>
    [Fact]
    public void Neighbouring_folds_share_half_of_their_bits()
    {
        const int n = 10_000;
        var changed = Enumerable.Range(0, n).Average(i => (double)long.PopCount(Root.Fold(i).Value ^ Root.Fold(i + 1).Value));
        Assert.Equal(32, changed, 5 * 4 / Math.Sqrt(n));
    }

    /// <summary>Correlation of the first draws of neighbouring keys' generators within 5/√n: a false alarm in 1.7 million.</summary>
    [Fact]
    public void Generators_of_neighbouring_keys_are_uncorrelated()
    {
        const int n = 4000;
        using var scope = NewDisposeScope();
        var draws = Enumerable.Range(0, n + 1).Select(i =>
        {
            using var generator = Root.Fold(i).NewGenerator();
            return (double)rand(1, generator: generator).item<float>() - 0.5;
        }).ToArray();
        var correlation = 12 * Enumerable.Range(0, n).Average(i => draws[i] * draws[i + 1]);
        Assert.True(Math.Abs(correlation) < 5 / Math.Sqrt(n), $"correlation {correlation}");
    }

    [Fact]
    public void The_order_of_folds_matters()
    {
        Assert.NotEqual(Root.Fold(1).Fold(2), Root.Fold(2).Fold(1));
        Assert.NotEqual(Root.Fold("a").Fold("b"), Root.Fold("b").Fold("a"));
        Assert.NotEqual(Root.Fold("ab"), Root.Fold("a").Fold("b"));
        Assert.NotEqual(Root, Root.Fold(0));
        Assert.NotEqual(Root.Fold(0), Root.Fold(0).Fold(0));
    }

    [Fact]
    public void A_key_is_the_same_in_every_process()
    {
        // SplitMix64 and FNV-1a computed independently of this code.
        Assert.Equal(unchecked((long)0xBCD9DBB49673066BUL), Root.Fold(2).Value);
        Assert.Equal(0xED4E1E0E18D7218L, Root.Fold("z").Value);
    }

    [Fact]
    public void The_same_key_starts_the_same_stream()
    {
        using var first = Root.Fold("z").NewGenerator();
        using var second = Root.Fold("z").NewGenerator();
        using var other = Root.Fold("x").NewGenerator();
        var draws = randn(100, generator: first);
        Assert.True(draws.Equals(randn(100, generator: second)));
        Assert.False(draws.Equals(randn(100, generator: other)));
    }
}
