using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Section E: an ELBO that stands still because steps are small has not settled.</summary>
public sealed class SmallStepsTests
{
    private static readonly FitOptions Until = new() { Until = [StoppingRule.RelativeChange(tolerance: 0.05, window: 20)] };

    [Theory]
    [InlineData(1e-5)]
    [InlineData(1e-7)]
    public void SmallStepsAreNotTakenForTheEnd(double rate)
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi(lr: rate);
        var result = svi.Fit(conjugate.Data, steps: 400, Until);
        Assert.Equal(StopReason.MaximumSteps, result.Reason);
        Assert.DoesNotContain("has settled", result.Why, StringComparison.Ordinal);
        Assert.Contains("Raise the learning rate", result.Why, StringComparison.Ordinal);
        Assert.InRange(conjugate.Location.item<float>(), 3.9f, 4f);
    }

    [Fact]
    public void AFunctionOfTheStepAndASequenceAreLookedAtToo()
    {
        Conjugate one = new(loc: 4), two = new(loc: 4);
        using Svi<Tensor> function = one.Svi(lr: 1e-5), sequence = two.Svi(lr: 1e-5);
        Assert.Equal(StopReason.MaximumSteps, function.Fit(_ => one.Data.clone(), steps: 200, Until).Reason);
        Assert.Equal(StopReason.DataEnded, sequence.Fit(Enumerable.Repeat(two.Data, 200), options: Until).Reason);
    }

    [Fact]
    public void LookingFartherLeavesTheRunAsItIs()
    {
        Conjugate looked = new(loc: 4), plain = new(loc: 4);
        using Svi<Tensor> one = looked.Svi(lr: 1e-5), other = plain.Svi(lr: 1e-5);
        one.Fit(looked.Data, steps: 150, Until);
        other.Fit(plain.Data, steps: 150);
        Assert.Equal(Inferences.Snapshot(other), Inferences.Snapshot(one));
    }

    [Fact]
    public void AtTheOptimumSmallStepsHaveSettled()
    {
        var conjugate = new Conjugate(loc: (float)Conjugate.Mean);
        using var svi = conjugate.Svi(lr: 0.05);
        svi.Fit(conjugate.Data, steps: 600);
        svi.Schedule(LearningRateSchedule.Cosine(steps: 100, end: 1e-3));
        var result = svi.Fit(conjugate.Data, steps: 2000, new FitOptions { Until = [StoppingRule.RelativeChange(tolerance: 5e-3, window: 40)] });
        Assert.Contains("The ELBO has settled", result.Why, StringComparison.Ordinal);
    }
}
