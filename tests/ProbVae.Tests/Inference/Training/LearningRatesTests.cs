using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Groups of parameters take steps of their own size; what is not clear about them is refused.</summary>
public sealed class LearningRatesTests
{
    [Fact]
    public void EachGroupTakesStepsOfItsRate()
    {
        // Adam's first step is the learning rate in each coordinate, whatever the gradient (up to eps).
        foreach (var optimizer in new Func<LearningRates, GroupedOptimizer>[] { rates => rates.Adam(), rates => rates.AdamW(weightDecay: 0) })
        {
            var conjugate = new Conjugate(loc: 4);
            using var svi = Svi(conjugate, optimizer(LearningRates.By(("location", 1e-3), ("", 1e-2))));
            svi.Step(conjugate.Data);
            Assert.Equal(1e-3, Math.Abs(4 - conjugate.Location.item<float>()), 1e-6);
            Assert.Equal(1e-2, Math.Abs(conjugate.Spread.item<float>()), 1e-6);
        }
    }

    [Fact]
    public void GradientDescentMovesByRateTimesGradient()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = Svi(conjugate, LearningRates.By((conjugate.Spread, 1e-4), ("", 1e-3)).Sgd());
        svi.Step(conjugate.Data);
        Assert.Equal(4 - (1e-3 * conjugate.Location.grad!.item<float>()), conjugate.Location.item<float>(), 1e-6);
        Assert.Equal(-1e-4 * conjugate.Spread.grad!.item<float>(), conjugate.Spread.item<float>(), 1e-7);
    }

    [Fact]
    public void RmsPropTakesItsRates()
    {
        // The first step is rate × gradient / √((1 − alpha) gradient²) = rate / √(1 − 0.99).
        var conjugate = new Conjugate(loc: 4);
        using var svi = Svi(conjugate, LearningRates.By(("location", 1e-3), ("spread", 1e-2)).RmsProp());
        svi.Step(conjugate.Data);
        Assert.Equal(1e-2, Math.Abs(4 - conjugate.Location.item<float>()), 1e-5);
        Assert.Equal(1e-1, Math.Abs(conjugate.Spread.item<float>()), 1e-5);
    }

    [Fact]
    public void TheOptimizersOtherSettingsReachEveryGroup()
    {
        using var svi = Svi(new Conjugate(), LearningRates.By(("location", 1e-3), ("", 1e-2)).Adam(beta1: 0.5, weightDecay: 0.25));
        var groups = svi.Optimizer.ParamGroups.Cast<TorchSharp.Modules.Adam.ParamGroup>().ToList();
        Assert.Equal([1e-3, 1e-2], groups.ConvertAll(group => group.LearningRate));
        Assert.All(groups, group => Assert.Equal((0.5, 0.999, 0.25), (group.Betas.Item1, group.Betas.Item2, group.Options.weight_decay)));
    }

    [Fact]
    public void AnyOptimizerTakesTheGroups()
    {
        var conjugate = new Conjugate();
        using var svi = Svi(conjugate, LearningRates.By(("location", 1e-3), ("", 1e-2)).With(groups =>
        {
            Assert.Equal([1e-3, 1e-2], groups.Select(group => group.Rate));
            Assert.Same(conjugate.Location, Assert.Single(groups[0].Parameters));
            return optim.Adagrad(groups.SelectMany(group => group.Parameters));
        }));
        Assert.IsType<TorchSharp.Modules.Adagrad>(svi.Optimizer);
    }

    [Fact]
    public void RunsWithGroupsContinueBitForBit()
    {
        Conjugate whole = new(loc: 4), resumed = new();
        using Svi<Tensor> first = Svi(whole, LearningRates.By(("location", 1e-3), ("", 1e-2)).Adam()), second = Svi(resumed, LearningRates.By(("location", 1), ("", 1)).Adam());
        first.Fit(whole.Data, steps: 3);
        second.Load(new MemoryStream(Inferences.Snapshot(first)));
        first.Fit(whole.Data, steps: 3);
        second.Fit(resumed.Data, steps: 3);
        Assert.Equal(Inferences.Snapshot(first), Inferences.Snapshot(second));
    }

    [Fact]
    public void WhatIsNotClearIsRefused()
    {
        Assert.Contains("There is no learning rate for spread; add (\"\", rate)", Refusal(("location", 1e-3)), StringComparison.Ordinal);
        Assert.Contains("None of the inference's parameters is 'encoder.'; there are location, spread.", Refusal(("encoder.", 1e-3), ("", 1e-2)), StringComparison.Ordinal);
        Assert.Contains("The learning rate of 'spread' reaches no parameter: those before it have taken spread.", Refusal(("", 1e-3), ("spread", 1e-2)), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRates.By(("", 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => LearningRates.By(("", double.NaN)));

        static string Refusal(params (ParameterSelection, double)[] rates) =>
            Assert.Throws<ArgumentException>(() => Svi(new Conjugate(), LearningRates.By(rates).Adam())).Message;
    }

    private static Svi<Tensor> Svi(Conjugate conjugate, GroupedOptimizer optimizer) => ProbVae.Svi.For(conjugate.Model, conjugate.Guide, Elbo.MeanField(), optimizer);
}
