using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Case C1: a fit from several starts keeps the best one, and says where they disagree.</summary>
public sealed class FitStartsTests
{
    /// <summary>
    /// Case C1: predator and prey of Lotka and Volterra, by symplectic Euler steps of half a year, with data made at known rates. From the default start
    /// the fit ends in a mode without the oscillation, more than 30 nats below.
    /// </summary>
    [Fact]
    public void PredatorAndPreyAreFoundFromTheBestOfSeveralStarts()
    {
        using var scope = NewDisposeScope();
        var (model, data, alpha) = PredatorAndPrey();
        var guide = Guide.AutoNormal(model, data);
        using var svi = Svi.For(model, guide, Elbo.Trace(2), Inferences.Adam(0.08)).Schedule(LearningRateSchedule.Cosine(200, 0.05)).ClipGradients(maxNorm: 1000);
        var result = svi.Fit(data, steps: 200, new FitOptions { Starts = 4 });
        Assert.Equal(4, result.Starts.Count);
        Assert.NotEqual(0, result.Start);
        Assert.True(result.Starts[result.Start].Bound > result.Starts[0].Bound + 30, result.ToString());
        Assert.Contains("The starts disagree", result.Warning, StringComparison.Ordinal);
        Assert.Contains(result.Warning!, result.ToString(), StringComparison.Ordinal);

        // The data were made with 0.55; the guide's standard deviation is 0.015, and the data's own noise as much again.
        Assert.Equal(0.55, svi.Posterior(data, 500).Summary()["alpha"].Mean, 0.08);
        Assert.Equal(200, svi.StepCount);
    }

    [Fact]
    public void StartsThatAgreeSayNothing()
    {
        var conjugate = new Conjugate();
        using var svi = Svi.For(conjugate.Model, Guide.AutoNormal(conjugate.Model, conjugate.Data), Elbo.MeanField(8), Inferences.Adam(0.05));
        var result = svi.Fit(conjugate.Data, steps: 400, new FitOptions { Starts = 3 });
        Assert.Null(result.Warning);
        Assert.Equal(3, result.Starts.Count);
        Assert.All(result.Starts, start => Assert.Equal(result.Starts[0].Bound, start.Bound, 1.0));
    }

    [Fact]
    public void ModesOfOneHeightAreSeenByTheirPlaces()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("square").Sample("z", new Normal(0, 3), out var z).Observe("x", s => new Normal(s[z].square(), 1), out _).Build();
        using var svi = Svi.For(model, Guide.AutoNormal(model, tensor(9f), InitTo.Value((z, 2.0))), Elbo.MeanField(8), Inferences.Adam(0.05));
        var result = svi.Fit(tensor(9f), steps: 300, new FitOptions { Starts = 6 });
        Assert.Contains("as high as the best and elsewhere ('z' first)", result.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void EachStartIsAFitOfItsOwnBitForBit()
    {
        var conjugate = new Conjugate();
        var first = Elbos(new FitOptions());
        var several = new Dictionary<int, List<double>>();
        using (var svi = Inference(out _))
        {
            svi.Fit(conjugate.Data, steps: 20, new FitOptions { Starts = 3, OnStep = step => (several.TryGetValue(step.Start, out var elbos) ? elbos : several[step.Start] = []).Add(step.Estimate.Elbo) });
        }

        Assert.Equal(first, several[0]);

        // The same place in an inference that has not trained before: nothing of an optimizer's state is left from start to start.
        using var fresh = Inference(out var guide);
        using (NewDisposeScope())
        {
            guide.StartElsewhere(conjugate.Data, new RandomKey(3).Fold("start").Fold(2).Fold("guide").Fold(0));
        }

        Assert.Equal(fresh.Fit(conjugate.Data, steps: 20).History.Elbos, several[2]);

        List<double> Elbos(FitOptions options)
        {
            using var svi = Inference(out _);
            return [.. svi.Fit(conjugate.Data, steps: 20, options).History.Elbos];
        }

        Svi<Tensor> Inference(out AutoNormal<Tensor> made)
        {
            made = Guide.AutoNormal(conjugate.Model, conjugate.Data);
            return ProbVae.Svi.For(conjugate.Model, made, Elbo.MeanField(2), Inferences.Adam(0.05), seed: 3);
        }
    }

    [Fact]
    public void AStartThatFailsIsSaidAndTheOthersCount()
    {
        var conjugate = new Conjugate();
        using var svi = conjugate.Svi();
        var result = svi.Fit(conjugate.Data, steps: 200, new FitOptions { Starts = 3, OnStep = step => _ = step is { Start: 0, Number: 5 } ? throw new NonFiniteException(["It broke."]) : 0 });
        Assert.Contains("1 of 3 starts failed: It broke.", result.Warning, StringComparison.Ordinal);
        Assert.NotEqual(0, result.Start);
        Assert.True(double.IsNaN(result.Starts[0].Bound));
        Assert.Throws<NonFiniteException>(() => svi.Fit(conjugate.Data, steps: 5, new FitOptions { Starts = 2, OnStep = _ => throw new NonFiniteException(["It broke."]) }));
    }

    [Fact]
    public void ValidationChoosesWhereThereIsOne()
    {
        var conjugate = new Conjugate();
        using var svi = conjugate.Svi();
        var measured = 0;
        var result = svi.Fit(conjugate.Data, steps: 4, new FitOptions { Starts = 3, Validation = new Validation(() => ++measured == 2 ? 1 : 0, Every: 4) });
        Assert.Equal(1, result.Start);
    }

    [Fact]
    public void WhatHasNoOtherStartIsRefused()
    {
        using var vae = new SmallVae();
        using var svi = vae.Svi();
        Assert.Contains("have networks alone", Assert.Throws<ModelException>(() => svi.Fit(step => vae.Batch((int)step), steps: 2, new FitOptions { Starts = 2 })).Message, StringComparison.Ordinal);
        var conjugate = new Conjugate();
        using var plain = conjugate.Svi();
        Assert.Contains("can be gone through once", Assert.Throws<ArgumentException>(() => plain.Fit([conjugate.Data], options: new FitOptions { Starts = 2 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => plain.Fit(conjugate.Data, steps: 2, new FitOptions { Starts = 0 }));
    }

    private static (Model<Tensor> Model, Tensor Data, Latent Alpha) PredatorAndPrey()
    {
        const int Years = 20;
        var rows = new List<Tensor>();
        var noise = new Normal(0, 0.2).Sample(new RandomKey(7), Years, 2);
        var (u, v) = (tensor(3.4f), tensor(1.8f));
        for (var t = 0; t < Years; t++)
        {
            rows.Add(stack([u, v]) + noise[t]);
            (u, v) = Next(u, v, tensor(0.55f), tensor(0.028f), tensor(0.8f), tensor(0.024f));
        }

        var model = Model.Given<Tensor>("predator and prey")
            .Sample("alpha", new LogNormal(0, 0.5), out var alpha).Sample("beta", new LogNormal(-3, 0.5), out var beta)
            .Sample("gamma", new LogNormal(0, 0.5), out var gamma).Sample("delta", new LogNormal(-3, 0.5), out var delta)
            .Sample("prey", new Normal(Math.Log(10), 1), out var prey).Sample("predator", new Normal(Math.Log(10), 1), out var predator)
            .Sample("sigma", new LogNormal(-1, 1), out var sigma)
            .Plate("years", total: Years)
            .Observe("logs", s =>
            {
                var (u, v, preys, predators) = (s[prey], s[predator], new List<Tensor>(), new List<Tensor>());
                for (var t = 0; t < Years; t++)
                {
                    preys.Add(u);
                    predators.Add(v);
                    (u, v) = Next(u, v, s[alpha], s[beta], s[gamma], s[delta]);
                }

                return new Normal(stack([Path(preys), Path(predators)], -1).clamp(-20, 20), s[sigma].unsqueeze(-1)).ToEvent();
            }, out _).Build();
        return (model, stack(rows), alpha);

        static Tensor Path(List<Tensor> values) => values[0].dim() == 0 ? stack(values) : cat(values, -1);

        static (Tensor U, Tensor V) Next(Tensor u, Tensor v, Tensor alpha, Tensor beta, Tensor gamma, Tensor delta)
        {
            for (var half = 0; half < 2; half++)
            {
                u += (alpha - (beta * v.exp())) / 2;
                v += ((delta * u.exp()) - gamma) / 2;
            }

            return (u, v);
        }
    }
}
