namespace ProbVae.Tests.Inference;

/// <summary>R-hat, effective sizes and Monte Carlo errors, against the formulas of the R package posterior and what is known of autoregressions.</summary>
public sealed class ChainStatisticsTests
{
    [Fact]
    public void StatisticsAreThoseOfThePackagePosterior()
    {
        // The figures come from its formulas, written down once more in Python; chains of an odd number of draws.
        double[][] chains = [.. Enumerable.Range(0, 3).Select(Chain)];
        var found = ChainStatistics.Of(chains, new RankNormalization(300));
        Assert.Equal(1.0207464777245288, found.RHat, 1e-9);
        Assert.Equal(85.13634558350603, found.BulkSize, 1e-6);
        Assert.Equal(94.72558441295142, found.TailSize, 1e-6);
        Assert.Equal(0.03779319384755303, found.MeanError, 1e-9);
        Assert.Equal(0.017461044554473473, found.DeviationError, 1e-9);
        Assert.Equal(1.020615488289828, ChainStatistics.RHatOf(ChainStatistics.Split(chains)), 1e-9);
    }

    [Fact]
    public void RHatIsTheFormulasByHand()
    {
        // Means 2 and 4, variances 1 and 1, n = 3: W = 1, B / n = 2; √(2/3 + 2).
        Assert.Equal(Math.Sqrt(8 / 3.0), ChainStatistics.RHatOf([[1, 2, 3], [3, 4, 5]]), 1e-12);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.6)]
    [InlineData(-0.5)]
    public void AnAutoregressionHasItsEffectiveSize(double correlation)
    {
        // n (1 − ρ) / (1 + ρ); the estimate of 4 × 20,000 draws has an error of some percent.
        var random = new KeyedNumbers(new RandomKey(8));
        double[][] chains = [.. Enumerable.Range(0, 4).Select(_ =>
        {
            var values = new double[20_000];
            for (var i = 1; i < values.Length; i++)
            {
                values[i] = (correlation * values[i - 1]) + (Math.Sqrt(1 - (correlation * correlation)) * random.Normal());
            }

            return values;
        })];
        var expected = 80_000 * (1 - correlation) / (1 + correlation);
        Assert.Equal(expected, ChainStatistics.EffectiveSize(chains), 0.12 * expected);
        Assert.InRange(ChainStatistics.Of(chains, new RankNormalization(80_000)).RHat, 0.999, 1.002);
    }

    [Fact]
    public void ChainsThatDifferInSpreadAloneAreSeen()
    {
        var random = new KeyedNumbers(new RandomKey(9));
        double[][] chains = [.. new[] { 1.0, 1, 1, 3 }.Select(spread => Enumerable.Range(0, 500).Select(_ => spread * random.Normal()).ToArray())];
        Assert.InRange(ChainStatistics.RHatOf(ChainStatistics.Split(chains)), 0.99, 1.01);
        Assert.InRange(ChainStatistics.Of(chains, new RankNormalization(2000)).RHat, 1.05, 2);
    }

    [Fact]
    public void DrawsThatAreAllTheSameHaveNoStatistics()
    {
        var found = ChainStatistics.Of([[2, 2, 2, 2], [2, 2, 2, 2]], new RankNormalization(8));
        Assert.True(double.IsNaN(found.RHat) && double.IsNaN(found.BulkSize) && double.IsNaN(found.MeanError));
    }

    [Fact]
    public void DrawsThatTieShareTheMeanOfTheirRanks()
    {
        // Ranks 1, 2.5, 2.5, 4 of S = 4: Φ⁻¹ of 0.625 / 4.25, 0.5, 0.5 and 3.625 / 4.25.
        var ranked = new RankNormalization(4).Of([[5, 1], [5, 9]]);
        Assert.Equal([0, -1.0491313979639723, 0, 1.0491313979639723], ranked.SelectMany(values => values), (x, y) => Math.Abs(x - y) < 1e-9);
    }

    // An autoregression driven by the linear congruential numbers of the C standard's example.
    private static double[] Chain(int number)
    {
        var (seed, value) = (number + 1L, 0.0);
        return [.. Enumerable.Range(0, 101).Select(_ =>
        {
            seed = ((seed * 1103515245) + 12345) % 2147483648;
            value = (0.5 * value) + (seed / 2147483648.0) - 0.5;
            return value + (0.1 * number);
        })];
    }
}
