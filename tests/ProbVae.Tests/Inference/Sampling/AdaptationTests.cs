namespace ProbVae.Tests.Inference.Sampling;

/// <summary>What warmup learns: step sizes, windows, covariances.</summary>
public sealed class AdaptationTests
{
    [Fact]
    public void DualAveragingTakesTheStepsOfItsFormula()
    {
        // Hoffman and Gelman 2014, equation 6, by hand for δ = 0.8, acceptances 0.3 and 0.9, from ε = 0.5.
        var steps = new DualAveraging(0.8);
        steps.Restart(0.5);
        Assert.Equal(0.5, steps.StepSize);
        steps.Learn(0.3);
        var first = Math.Log(5) - (1 / 0.05 * (0.5 / 11));
        Assert.Equal(Math.Exp(first), steps.StepSize, 1e-12);
        Assert.Equal(Math.Exp(first), steps.Averaged, 1e-12);
        steps.Learn(0.9);
        var second = Math.Log(5) - (Math.Sqrt(2) / 0.05 * ((11.0 / 12 * (0.5 / 11)) + (-0.1 / 12)));
        var weight = Math.Pow(2, -0.75);
        Assert.Equal(Math.Exp(second), steps.StepSize, 1e-12);
        Assert.Equal(Math.Exp((weight * second) + ((1 - weight) * first)), steps.Averaged, 1e-12);
    }

    [Theory]
    [InlineData(0.6)]
    [InlineData(0.9)]
    public void TheStepSizeComesToTheWantedAcceptance(double target)
    {
        // Acceptance exp(−ε): the wanted one has ε = −log δ.
        var steps = new DualAveraging(target);
        steps.Restart(10);
        for (var i = 0; i < 3000; i++)
        {
            steps.Learn(Math.Exp(-steps.StepSize));
        }

        Assert.Equal(-Math.Log(target), steps.Averaged, 0.01);
    }

    [Theory]
    [InlineData(1000, 99, 149, 249, 449, 949)]
    [InlineData(500, 99, 149, 249, 449)]
    [InlineData(150, 99)]
    [InlineData(100, 89)]
    [InlineData(20, 17)]
    [InlineData(19)]
    [InlineData(0)]
    public void WindowsEndWhereStansDo(int warmup, params int[] ends) => Assert.Equal(ends, new WarmupWindows(warmup).Ends);

    [Fact]
    public void PositionsCountWithinTheWindowsAlone()
    {
        var windows = new WarmupWindows(1000);
        Assert.Equal(Enumerable.Range(75, 875), Enumerable.Range(0, 1000).Where(windows.Counts));
        Assert.DoesNotContain(Enumerable.Range(0, 10), new WarmupWindows(10).Counts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CovariancesAreThoseOfAllPositionsDrawnTowardsTheMetricBefore(bool dense)
    {
        var running = new RunningCovariance(2, dense);
        double[][] positions = [[1, 5], [2, 7], [4, 6], [9, 1]];
        Array.ForEach(positions, running.Add);

        // Means 4 and 4.75; sums of squares 38 and 20.75, of products −24; n = 4.
        double[] covariance = dense ? [38 / 3.0, -8, -8, 20.75 / 3] : [38 / 3.0, 20.75 / 3];
        double[] before = dense ? [0.5, 7, 7, 2] : [0.5, 2];
        var expected = covariance.Select((value, i) => (4 / 9.0 * value) + (!dense || i is 0 or 3 ? 1e-3 * 5 / 9 * before[i] : 0));
        Assert.All(expected.Zip(running.Regularized(before)), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal(dense ? [1.0, 0, 0, 1] : [1.0, 1], RunningCovariance.Unit(2, dense));
    }

    [Fact]
    public void ADenseMatrixThatIsNotPositiveDefiniteIsRefused() =>
        Assert.Contains("MassMatrix.Diagonal", Assert.Throws<ModelException>(() => Metric.Of([1, 2, 2, 1], 2)).Message, StringComparison.Ordinal);
}
