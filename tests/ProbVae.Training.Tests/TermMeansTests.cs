namespace ProbVae.Training.Tests;

public sealed class TermMeansTests
{
    private const int Total = 40;

    [Fact]
    public void AMinibatchCountsByItsSize()
    {
        // Estimates are scaled to all 40 elements; of 16 elements with a mean of 2 and 8 with a mean of 5 the mean is 3.
        var means = TermMeans.None.With(Step(2 * Total, 1 * Total), 2 * Total, 16, Total, 0.5, 80).With(Step(5 * Total, 4 * Total), 5 * Total, 8, Total, 0.5, 40);
        Assert.Equal((24L, 1.0), (means.Elements, means.Seconds));
        Assert.Equal(3, means.Bound, 1e-12);
        Assert.Equal(3, means.LogLikelihood, 1e-12);
        Assert.Equal(2, means.Kl, 1e-12);
        Assert.Equal(1.5, means.GradientNorm!.Value, 1e-12);
        Assert.Equal(24, means.ElementsPerSecond, 1e-12);
    }

    [Fact]
    public void NothingHasNoGradientNorm() => Assert.Null(TermMeans.None.With(Step(1, 1), 1, 1, 1).GradientNorm);

    [Fact]
    public void AMeasurementIsTheSameEachTimeAndLeavesTheInferenceAsItWas()
    {
        using var folder = new TemporaryFolder();
        using var small = new SmallTraining(folder.At("run"));
        small.Svi.Step(small.Data.Of(0));
        var state = small.State;
        var first = TermMeans.Measure(small.Svi, small.HeldOut, SmallTraining.Rows);
        Assert.Equal(first, TermMeans.Measure(small.Svi, small.HeldOut, SmallTraining.Rows));
        Assert.Equal(state, small.State);
        Assert.Equal(first.LogLikelihood - first.Kl, first.Bound, 1e-9);
        Assert.Equal(-first.Bound, TermMeans.Measure(small.Svi, small.HeldOut, SmallTraining.Rows, step => step.Loss).Bound, 1e-6);
    }

    private static SviStep Step(double logLikelihood, double kl) => new(0, [new("x", false, logLikelihood), new("z", true, kl)], 0);
}
