
namespace ProbVae.Tests.Inference;

/// <summary>Rules told one step after another: when they speak, and that two fits with one rule share nothing.</summary>
public sealed class StoppingRuleTests
{
    [Fact]
    public void RelativeChangeComparesWindowsAndWaitsForPatience()
    {
        // Windows of two with means −100, −50, −50.01, −50.02, −50.02: changes 0.5, 2e-4, 2e-4, 0.
        var rule = StoppingRule.RelativeChange(tolerance: 1e-3, window: 2, patience: 2);
        double[] elbos = [-101, -99, -51, -49, -50.02, -50, -50.02, -50.02, -50.02, -50.02];
        Assert.Equal(8, FirstStop(rule, elbos));
        Assert.Equal(10, FirstStop(StoppingRule.RelativeChange(1e-3, 2, 3), elbos));
        Assert.Equal(6, FirstStop(StoppingRule.RelativeChange(1e-3, 2, 1), elbos));
        Assert.Equal(4, FirstStop(StoppingRule.RelativeChange(0.6, 2, 1), elbos));
        // The rule is a value: what one fit saw is not the next one's.
        Assert.Equal(8, FirstStop(rule, elbos));
        Assert.Equal(rule, StoppingRule.RelativeChange(1e-3, 2, 2));
    }

    [Fact]
    public void RelativeChangeBeginsAnewAfterAJump() =>
        Assert.Equal(7, FirstStop(StoppingRule.RelativeChange(1e-3, 1, 2), [-10, -10, -20, -20, -10, -10, -10]));

    [Fact]
    public void RelativeChangeIsInNatsWhereTheElboIsNearZero()
    {
        Assert.Equal(3, FirstStop(StoppingRule.RelativeChange(0.1, 1, 2), [0.01, -0.02, 0.03]));
        Assert.Null(FirstStop(StoppingRule.RelativeChange(0.01, 1, 2), [0.01, -0.02, 0.03]));
    }

    [Fact]
    public void GradientNormIsAveragedOverItsWindow()
    {
        var rule = StoppingRule.GradientNorm(below: 1, window: 3);
        Assert.True(rule.NeedsGradientNorm);
        Assert.Equal(5, FirstStop(rule, [0, 0, 0, 0, 0], norms: [9, 0.1, 2.65, 0.3, 0.01]));
        Assert.Null(FirstStop(rule, [0, 0], norms: [0.1, 0.1]));
    }

    [Fact]
    public void NoImprovementCountsMeasurementsAlone()
    {
        double?[] scores = [null, 1, null, 3, null, 2, null, 3, null, 2.5];
        Assert.Equal(8, FirstStop(StoppingRule.NoImprovement(2), new double[10], scores: scores));
        Assert.Equal(10, FirstStop(StoppingRule.NoImprovement(3), new double[10], scores: scores));
        // With by = 5 the 3 is no improvement on the 1 either.
        Assert.Equal(6, FirstStop(StoppingRule.NoImprovement(2, by: 5), new double[10], scores: scores));
    }

    [Fact]
    public void ANumberOfStepsIsThatNumber() => Assert.Equal(3, FirstStop(StoppingRule.Steps(3), new double[5]));

    [Fact]
    public void SettingsOutOfTheirRangeAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.RelativeChange(tolerance: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.RelativeChange(tolerance: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.RelativeChange(window: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.RelativeChange(patience: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.GradientNorm(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.GradientNorm(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.NoImprovement(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.NoImprovement(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => StoppingRule.Steps(0));
    }

    private static int? FirstStop(StoppingRule rule, double[] elbos, double[]? norms = null, double?[]? scores = null)
    {
        var watch = rule.Start();
        for (var i = 0; i < elbos.Length; i++)
        {
            var estimate = Estimate(i, elbos[i]);
            if (watch(new FitStep(i + 1, estimate, elbos[i], norms?[i], scores?[i])) is { Length: > 10 })
            {
                return i + 1;
            }
        }

        return null;
    }

    private static SviStep Estimate(int number, double elbo) => new(number, [new SviTerm("x", IsKl: false, elbo)], Loss: -elbo);
}
