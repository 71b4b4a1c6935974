using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>A frozen parameter does not move, and its optimizer's state does not either.</summary>
public sealed class FreezeTests
{
    [Fact]
    public void AFrozenParameterStaysAndTheOthersMove()
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = conjugate.Svi();
        svi.Step(conjugate.Data);
        svi.Freeze("location");
        var (location, spread) = (conjugate.Location.item<float>(), conjugate.Spread.item<float>());
        svi.Fit(conjugate.Data, steps: 5);
        Assert.Equal(["location"], svi.FrozenParameters);
        Assert.Equal(location, conjugate.Location.item<float>());
        Assert.NotEqual(spread, conjugate.Spread.item<float>());
        svi.Unfreeze("");
        svi.Step(conjugate.Data);
        Assert.NotEqual(location, conjugate.Location.item<float>());
    }

    [Fact]
    public void TheOptimizersStateOfAFrozenParameterStays()
    {
        // With momentum, a parameter whose state went on would move at the first step after unfreezing by another amount.
        var (frozen, plain) = (Momentum(freeze: true), Momentum(freeze: false));
        Assert.Equal(plain, frozen);

        static float Momentum(bool freeze)
        {
            Parameter a = new(tensor(0f)), b = new(tensor(0f));
            var z = new Latent("z");
            var model = Model.Program<Tensor>("m", (p, _) => p.Sample(z, new Normal(2, 1)));
            using var svi = Svi.For(model, Guide.For(model).Sample(z, _ => new Normal(a, b.exp())).Build(), Elbo.MeanField(), p => SGD(p, 0.1, momentum: 0.9));
            using var nothing = zeros(1);
            svi.Step(nothing);
            if (freeze)
            {
                svi.Freeze(a);
                svi.Step(nothing);
                svi.Step(nothing);
                svi.Unfreeze(a);
            }

            // The KL's gradient in a is that of a alone, so the steps of b in between do not count.
            svi.Step(nothing);
            return a.item<float>();
        }
    }

    [Fact]
    public void AStepThatWouldTrainNothingIsRefused()
    {
        var conjugate = new Conjugate();
        using var svi = conjugate.Svi();
        svi.Freeze("");
        Assert.Contains("Every parameter is frozen", Assert.Throws<InvalidOperationException>(() => svi.Step(conjugate.Data)).Message, StringComparison.Ordinal);
        Assert.Equal(0, svi.StepCount);
    }

    [Fact]
    public void WhatCouldNotBeTrainedIsFoundWhenItIsUnfrozen()
    {
        Parameter rate = new(tensor(0f)), loc = new(tensor(0f));
        var model = Model.Given<Tensor>("m").Sample("n", Poisson.FromRate(2), out var n).Sample("z", new Normal(0, 1), out var z).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(n, _ => Poisson.FromRate(rate.exp())).Sample(z, _ => new Normal(loc, 1)).Build());
        using var nothing = zeros(1);
        svi.Freeze("rate");
        svi.Step(nothing);
        svi.Unfreeze("rate");
        Assert.Contains("not reparameterized", Assert.Throws<ModelException>(() => svi.Step(nothing)).Message, StringComparison.Ordinal);
    }
}
