using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Schedules: their numbers, their effect on a run, and torch's own beside them.</summary>
public sealed class LearningRateScheduleTests
{
    [Fact]
    public void TheFactorsAreThoseByHand()
    {
        AssertFactors(LearningRateSchedule.Linear(4), 1, 0.75, 0.5, 0.25, 0, 0, 0);
        AssertFactors(LearningRateSchedule.Linear(2, end: 0.5), 1, 0.75, 0.5, 0.5);
        AssertFactors(LearningRateSchedule.Cosine(2), 1, 0.5, 0, 0);
        AssertFactors(LearningRateSchedule.Cosine(4, end: 0.2), 1, 0.2 + (0.4 * (1 + Math.Sqrt(0.5))), 0.6, 0.2 + (0.4 * (1 - Math.Sqrt(0.5))), 0.2, 0.2);
        AssertFactors(LearningRateSchedule.Exponential(2, 0.01), 1, 0.1, 0.01, 0.01);
        AssertFactors(LearningRateSchedule.Steps(0.1, 2, 3), 1, 1, 0.1, 0.01, 0.01);
        AssertFactors(new LearningRateSchedule(_ => 1).WarmedUp(4), 0.25, 0.5, 0.75, 1, 1);
    }

    [Fact]
    public void ARunTakesTheScheduledRateOfEachGroup()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = Svi.For(conjugate.Model, conjugate.Guide, Elbo.MeanField(), LearningRates.By(("location", 0.1), ("", 0.01)).Sgd()).Schedule(LearningRateSchedule.Linear(4));
        for (var step = 0; step < 4; step++)
        {
            svi.Step(conjugate.Data);
            Assert.Equal([0.1 * (1 - (step / 4.0)), 0.01 * (1 - (step / 4.0))], svi.Optimizer.ParamGroups.Select(group => group.LearningRate));
        }
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void AScheduleThatGivesNoRateIsRefusedAndNothingIsStepped(double factor)
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi().Schedule(new LearningRateSchedule(_ => factor));
        Assert.Throws<InvalidOperationException>(() => svi.Step(conjugate.Data));
        Assert.Equal((4f, 0L), (conjugate.Location.item<float>(), svi.StepCount));
    }

    [Fact]
    public void TorchsSchedulersWorkAndContinueFromACheckpoint()
    {
        Conjugate whole = new(loc: 4), resumed = new();
        using Svi<Tensor> first = whole.Svi(), second = resumed.Svi();
        var schedule = optim.lr_scheduler.StepLR(first.Optimizer, step_size: 2, gamma: 0.5);
        first.Fit(whole.Data, steps: 5, new FitOptions { OnStep = _ => schedule.step() });
        Assert.Equal(0.05 * 0.25, first.Optimizer.ParamGroups.Single().LearningRate, 1e-12);

        var again = optim.lr_scheduler.StepLR(second.Optimizer, step_size: 2, gamma: 0.5);
        second.Load(new MemoryStream(Inferences.Snapshot(first)));
        again.step((int?)second.StepCount);
        first.Fit(whole.Data, steps: 5, new FitOptions { OnStep = _ => schedule.step() });
        second.Fit(resumed.Data, steps: 5, new FitOptions { OnStep = _ => again.step() });
        Assert.Equal(Inferences.Snapshot(first), Inferences.Snapshot(second));
    }

    [Fact]
    public void ASchedulerThatWatchesAScoreIsToldIt()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi();
        var plateau = optim.lr_scheduler.ReduceLROnPlateau(svi.Optimizer, mode: "max", factor: 0.5, patience: 1);
        svi.Fit(conjugate.Data, steps: 8, new FitOptions { Validation = new Validation(() => 1, Every: 2), OnStep = step => { if (step.Score is { } score) { plateau.step(score); } } });
        Assert.Equal(0.025, svi.Optimizer.ParamGroups.Single().LearningRate, 1e-12);
    }

    private static void AssertFactors(LearningRateSchedule schedule, params double[] factors)
    {
        for (var step = 0; step < factors.Length; step++)
        {
            Assert.Equal(factors[step], schedule.At(step), 1e-12);
        }
    }
}
