namespace ProbVae.Tests.Inference.Sampling;

/// <summary>The sampler by itself, on densities in plain C#.</summary>
public sealed class NutsChainTests
{
    [Fact]
    public void OneTransitionLeavesTheDistributionAsItIs()
    {
        // 20,000 exact draws of a logistic number, each moved by one transition whose steps are far too long to conserve the energy:
        // the deciles of the result are the distribution's (χ² of 9 degrees; 27.9 has a probability of 0.001).
        var random = new KeyedNumbers(new RandomKey(5));
        var metric = Metric.Of([1.0], 1);
        var counts = new int[10];
        for (var i = 0; i < 20_000; i++)
        {
            var share = random.Uniform();
            var start = PlainTarget.Logistic.At(Math.Log(share / (1 - share)));
            var moves = new KeyedNumbers(new RandomKey(6).Fold(i));
            var trajectory = new Trajectory(start.With(metric.Momentum(moves), metric), 2.2, metric, 4, moves);
            foreach (var point in trajectory.Run())
            {
                PlainTarget.Logistic.Evaluate(point);
            }

            counts[(int)(10 / (1 + Math.Exp(-trajectory.Sample.Position[0])))]++;
        }

        Assert.InRange(counts.Sum(count => (count - 2000.0) * (count - 2000) / 2000), 0, 27.9);
    }

    [Theory]
    [InlineData(MassMatrix.Diagonal)]
    [InlineData(MassMatrix.Dense)]
    public void CorrelatedNumbersHaveTheirMoments(MassMatrix mass)
    {
        var chain = PlainTarget.Correlated(0.95).Chain(500, 4000, new() { MassMatrix = mass }, start: [10, -10]);
        var (first, second) = (PlainTarget.Column(chain, 0, 2), PlainTarget.Column(chain, 1, 2));
        AssertMean(0, first);
        AssertMean(0, second);
        AssertMean(1, Array.ConvertAll(first, x => x * x));
        AssertMean(9, Array.ConvertAll(second, x => x * x));
        AssertMean(0.95 * 3, [.. first.Zip(second, (x, y) => x * y)]);
        Assert.Empty(chain.Record.Divergent);
        Assert.InRange(chain.Record.Acceptance, 0.75, 0.97);
    }

    [Fact]
    public void ADenseMatrixNeedsFewerGradientsWhereNumbersCorrelate()
    {
        long Gradients(MassMatrix mass) => PlainTarget.Correlated(0.99).Chain(500, 500, new() { MassMatrix = mass }, start: [0, 0]).Record.Gradients;
        Assert.InRange((double)Gradients(MassMatrix.Diagonal) / Gradients(MassMatrix.Dense), 2, 50);
    }

    [Fact]
    public void NumbersOfVeryDifferentScalesNeedShortTrajectories()
    {
        var chain = PlainTarget.Normal(1e-3, 1, 1e3).Chain(1000, 2000, start: [0, 0, 0]);
        Assert.InRange(chain.Record.Gradients / 2000.0, 1, 15);
        AssertMean(1e6, Array.ConvertAll(PlainTarget.Column(chain, 2, 3), x => x * x));
        AssertMean(1e-6, Array.ConvertAll(PlainTarget.Column(chain, 0, 3), x => x * x));
    }

    [Fact]
    public void TheFunnelDivergesAndIsSaidTo()
    {
        var records = Enumerable.Range(1, 4).Select(seed => PlainTarget.Funnel.Chain(300, 1000, new() { TargetAcceptance = 0.6 }, seed, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).Record).ToList();
        var chains = new SampledChains(records, 1000, true, false, null);
        Assert.All(chains.Divergences, draw => Assert.InRange(draw, 0, 3999));
        Assert.NotEmpty(chains.Divergences);
        Assert.Contains("trajectories diverged", chains.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void TrajectoriesThatAreCutShortAreCounted()
    {
        var chain = PlainTarget.Normal(1e-3, 1).Chain(0, 50, new() { MaxDepth = 2 }, start: [0, 0]);
        Assert.InRange(chain.Record.CutShort, 40, 50);
        Assert.InRange(chain.Record.Gradients, 140, 150);
        Assert.Contains("MaxDepth", new SampledChains([chain.Record], 50, true, false, null).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameKeyGivesTheSameDrawsAndAnotherOthers()
    {
        double[] Draws(long seed) => PlainTarget.Correlated(0.5).Chain(100, 50, seed: seed, start: [1, 1]).Draws.ToArray();
        Assert.Equal(Draws(1), Draws(1));
        Assert.NotEqual(Draws(1), Draws(2));
    }

    [Fact]
    public void MixingOfTheEnergyIsTheFormulas()
    {
        var chain = PlainTarget.Normal(1).Chain(0, 4, start: [0.3]);
        var energies = chain.Record.Energies;
        var mean = energies.Average();
        var expected = energies.Zip(energies.Skip(1), (x, y) => (y - x) * (y - x)).Sum() / energies.Sum(x => (x - mean) * (x - mean));
        Assert.Equal(expected, Assert.Single(new SampledChains([chain.Record], 4, true, false, null).EnergyMixing), 1e-12);
    }

    // Within 4.5 Monte Carlo errors, by the chain's own effective size.
    private static void AssertMean(double expected, double[] values)
    {
        var error = ChainStatistics.Of([values], new RankNormalization(values.Length)).MeanError;
        Assert.InRange((values.Average() - expected) / error, -4.5, 4.5);
    }
}
