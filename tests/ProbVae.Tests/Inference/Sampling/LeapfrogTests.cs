namespace ProbVae.Tests.Inference.Sampling;

/// <summary>Leapfrog steps: back again by the same way, and an energy whose error falls with the square of the step.</summary>
public sealed class LeapfrogTests
{
    private static readonly Metric Metric = Metric.Of([1.5, 0.5, 0.3, 0.5, 2, 0.1, 0.3, 0.1, 0.7], 3);

    [Fact]
    public void StepsBackLeadToWhereTheyBegan()
    {
        var start = PlainTarget.Funnel.At(0.5, -1, 2).With([0.3, -0.8, 1.1], Metric);
        var end = Walk(Walk(start, 0.05, 40), -0.05, 40);
        Assert.All(start.Position.Zip(end.Position), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
        Assert.All(start.Momentum.Zip(end.Momentum), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }

    [Fact]
    public void TheEnergysErrorFallsWithTheSquareOfTheStep()
    {
        var start = PlainTarget.Funnel.At(0.5, -1, 2).With([0.3, -0.8, 1.1], Metric);
        double Error(int steps) => Math.Abs(Walk(start, 1.0 / steps, steps).Energy - start.Energy);
        Assert.InRange(Error(40) / Error(80), 3.5, 4.5);
        Assert.InRange(Error(80) / Error(160), 3.8, 4.2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MomentaHaveTheMassesAsTheirCovariance(bool dense)
    {
        // 40,000 draws: the standard error of a second moment is at most √2 / 200 of its scale; bounds of 4.5.
        double[] covariance = dense ? [2, 0.6, 0.6, 0.5] : [2, 0.5];
        var metric = Metric.Of(covariance, 2);
        var random = new KeyedNumbers(new RandomKey(3));
        var momenta = Enumerable.Range(0, 40_000).Select(_ => metric.Momentum(random)).ToList();
        var determinant = dense ? (2 * 0.5) - 0.36 : 1;
        double[] expected = dense ? [0.5 / determinant, -0.6 / determinant, 2 / determinant] : [0.5, 0, 2];
        Assert.Equal(expected[0], momenta.Average(p => p[0] * p[0]), 0.032 * expected[0]);
        Assert.Equal(expected[1], momenta.Average(p => p[0] * p[1]), 0.032 * Math.Sqrt(expected[0] * expected[2]));
        Assert.Equal(expected[2], momenta.Average(p => p[1] * p[1]), 0.032 * expected[2]);
        Assert.Equal(dense ? [2.6, 1.1] : new[] { 2.0, 0.5 }, metric.Velocity([1, 1]));
    }

    private static PhasePoint Walk(PhasePoint from, double step, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            from = from.Move(step, Metric);
            PlainTarget.Funnel.Evaluate(from);
            from.Arrive(step, Metric);
        }

        return from;
    }
}
