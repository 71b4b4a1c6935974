using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Cases C4 and C7: models whose discrete variables the guide leaves out, after the fit.</summary>
public sealed class SummedOutTests
{
    private static readonly float[] X = [2.1f, -0.4f, 1.6f, 0.3f];
    private static readonly RandomKey Key = new(5);

    /// <summary>Case C4: mu ~ N(0, 2), z_i ~ Bernoulli(0.4), x_i ~ N(z_i mu, 1); by quadrature.</summary>
    [Fact]
    public void EvidenceSumsOutWhatTheGuideLeavesOut()
    {
        using var scope = NewDisposeScope();
        var (model, guide, _, _, _, data) = Mixture();
        var exact = Exact();
        foreach (var vectorized in new[] { true, false })
        {
            var estimate = Evidence.ByImportance(model, guide, data, Key, vectorized ? 4000 : 200, vectorized: vectorized);
            Inferences.AssertEstimates(exact, (estimate.LogEvidence, estimate.StandardError), $"vectorized: {vectorized}");
        }

        // L_K lies below by (1 / effective share − 1) / (2 K): 3e-4 at most; one estimate's standard error is 0.02.
        using var svi = Svi.For(model, guide, Elbo.Enumerated(), Inferences.Still);
        Assert.Equal(exact, -svi.Evaluate(data, Elbo.Iwae(4000)).Loss, 0.08);
        Assert.Equal(exact, -svi.Evaluate(data, Elbo.Iwae(1000, vectorized: false)).Loss, 0.16);
    }

    /// <summary>Case C4: with one draw, the weighted bounds are the enumerated ELBO, and so are their gradients.</summary>
    [Fact]
    public void WithOneDrawTheWeightedBoundIsTheEnumeratedElbo()
    {
        using var scope = NewDisposeScope();
        var (model, guide, _, _, loc, data) = Mixture();
        (double Elbo, double Loss, float Gradient) Step(Elbo elbo)
        {
            using var svi = Svi.For(model, guide, elbo, Inferences.Still, seed: 3);
            var step = svi.Step(data);
            return (step.Elbo, step.Loss, loc.grad!.item<float>());
        }

        var exact = Step(Elbo.Enumerated());
        foreach (var elbo in new[] { Elbo.Iwae(1), Elbo.Renyi(0.5, 1) })
        {
            var found = Step(elbo);
            Assert.Equal(exact.Elbo, found.Elbo, 1e-5);
            Assert.Equal(exact.Loss, found.Loss, 1e-5);
            Assert.Equal(exact.Gradient, found.Gradient, 1e-4f);
        }

        Assert.Equal(exact.Loss, Step(Elbo.Dreg(1)).Loss, 1e-5);
        using var weighted = Svi.For(model, guide, Elbo.Iwae(4), Inferences.Still);
        Assert.Equal("summed out exactly, K = 2 values", weighted.Explain(data).Sites.First(site => site.Name == "z").How);
    }

    /// <summary>Case C4: rows with continuous and summed-out variables of their own have evidence of their own.</summary>
    [Fact]
    public void RowsHaveEvidenceOfTheirOwn()
    {
        // c_i ~ N(0, 1), z_i ~ Bernoulli(0.4), x_i ~ N(c_i + 2 z_i, 1): a mixture of N(0, √2) and N(2, √2).
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("rows").Plate("rows", total: 4).Sample("c", new Normal(0, 1), out var c).Sample("z", _ => Bernoulli.FromProbs(0.4), out var z)
            .Observe("x", s => new Normal(s[c] + (2 * s[z]), 1), out _).Build();
        var guide = Guide.For(model).Sample(c, x => new Normal((x - 0.8f) / 2, 0.9)).SumOut(z).Build();
        var estimate = Evidence.ByImportance(model, guide, tensor(X), Key, 4000);
        double Density(double x, double mean) => Math.Exp(-(x - mean) * (x - mean) / 4) / Math.Sqrt(4 * Math.PI);
        foreach (var (element, x) in estimate.Elements.Zip(X))
        {
            Inferences.AssertEstimates(Math.Log((0.6 * Density(x, 0)) + (0.4 * Density(x, 2))), (element.LogEvidence, element.StandardError), $"x = {x}");
        }

        var scale = Inferences.Scalar(0.9);
        using var svi = Svi.For(model, Guide.For(model).Sample(c, x => new Normal((x - 0.8f) / 2, scale)).SumOut(z).Build(), Elbo.Enumerated(), Inferences.Still);
        var exact = X.Sum(x => Math.Log((0.6 * Density(x, 0)) + (0.4 * Density(x, 2))));
        Assert.Equal(exact, -svi.Evaluate(tensor(X), Elbo.Iwae(4000)).Loss, 0.1);
    }

    /// <summary>Case C4: the states are drawn from their posterior, and the data anew.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PredictionsDrawTheStates(bool vectorized)
    {
        using var scope = NewDisposeScope();
        var (model, guide, z, mean, _, data) = Mixture(scale: 1e-3);
        var draws = vectorized ? 8000 : 400;
        using var predicted = Predictive.Posterior(model, guide, data, Key, draws, vectorized: vectorized);
        var probabilities = DiscretePosterior.Of(model, guide, data, Key)[z].select(-1, 1);

        // Bound: 4.5 standard errors of a frequency.
        var error = (predicted[z].mean([0L]) - probabilities).abs() / (probabilities * (1 - probabilities) / draws).sqrt();
        Assert.InRange(error.max().ToDouble(), 0, 4.5);
        Assert.Equal([draws, 4], predicted[mean].shape);
        var mu = model.Trace(data, Key).Latents.First().Handle;
        Assert.Equal(0, (predicted[mean] - (predicted[z] * predicted[mu].unsqueeze(-1))).abs().max().ToDouble());

        // What is computed from a state has draws too; the state itself is said to be elsewhere.
        var posterior = Posterior.Of(model, guide, data, 50, Key, vectorized);
        Assert.Equal([50, 4], posterior[mean].shape);
        Assert.Contains("Predictive.Posterior draws it", Assert.Throws<ModelException>(() => posterior[z]).Message, StringComparison.Ordinal);
    }

    /// <summary>Case C4: a chain's joint draws have the smoothed probabilities.</summary>
    [Fact]
    public void AChainIsDrawnWhole()
    {
        using var scope = NewDisposeScope();
        var (state, seen) = (new Latent("state"), new Observed("seen"));
        var transition = tensor(new[] { 0.9f, 0.1f, 0.2f, 0.8f }).view(2, 2);
        var model = Model.Program<Tensor>("hmm", (run, data) =>
        {
            Tensor? before = null;
            foreach (var t in run.Markov(5))
            {
                before = run.Sample(state[t], Categorical.FromProbs(before is null ? full(2, 0.5f) : transition.RowAt(before)));
                run.Observe(seen[t], new Normal(tensor(new[] { -1f, 1f }).At(before), 1), data[t]);
            }
        });
        var guide = Guide.Program<Tensor>(model, (_, _) => { });
        var data = tensor(new[] { -0.8f, 0.3f, 1.2f, 0.9f, -0.2f });
        var exact = DiscretePosterior.Of(model, guide, data, Key);
        using var predicted = Predictive.Posterior(model, guide, data, Key, draws: 4000);
        for (var t = 0; t < 5; t++)
        {
            var p = exact[state[t]][1].ToDouble();
            Assert.Equal(p, predicted[state[t]].to(ScalarType.Float64).mean().ToDouble(), 4.5 * Math.Sqrt(p * (1 - p) / 4000));
        }

        // Nothing is drawn, so the weights are all p(x).
        var estimate = Evidence.ByImportance(model, guide, data, Key, draws: 50);
        Assert.Equal(exact.LogEvidence, estimate.LogEvidence, 1e-4);
        Assert.Equal(50, estimate.EffectiveSampleSize, 1e-3);
    }

    /// <summary>Case C7: one convention of shape, plates + event, for any number of draws.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ValuesHaveTheShapeOfPlatesAndEvent(int particles)
    {
        using var scope = NewDisposeScope();
        var (model, guide, z, _, _, data) = Mixture();
        var posterior = DiscretePosterior.Of(model, guide, data, Key, particles);
        Assert.Equal([4, 2], posterior[z].shape);
        Assert.Equal([4], posterior.Mode()[z].shape);
        Assert.Equal([4], posterior.Sample(Key)[z].shape);
    }

    /// <summary>Case C7: of all draws' likeliest values, those of the greatest mean probability.</summary>
    [Fact]
    public void TheModeOfSeveralDrawsIsTheLikeliestOnAverage()
    {
        using var scope = NewDisposeScope();
        var (model, guide, z, _, _, data) = Mixture(scale: 1.5);
        const int Draws = 6;
        var posterior = DiscretePosterior.Of(model, guide, data, Key, Draws);
        var trace = guide.Execute(data, Key, new RunSettings(Layout.Of(model.Trace(data, Key)), Draws));
        var mus = Inferences.Numbers(trace.Latents.First().Value);
        double[] Probabilities(double mu) => [.. X.Select(x => 0.4 * Math.Exp(-(x - mu) * (x - mu) / 2) is var one ? one / (one + (0.6 * Math.Exp(-x * x / 2))) : 0)];
        var modes = mus.Select(mu => Probabilities(mu).Select(p => p > 0.5 ? 1.0 : 0.0).ToArray()).ToList();
        var best = modes.MaxBy(values => mus.Average(mu => Probabilities(mu).Zip(values, (p, value) => value == 1 ? p : 1 - p).Aggregate((product, p) => product * p)))!;
        Assert.True(modes.Select(values => string.Join(",", values)).Distinct().Count() > 1, "The draws' modes should differ, or the case tells nothing.");
        Assert.Equal(best, Inferences.Numbers(posterior.Mode()[z]));
    }

    private static (Model<Tensor> Model, Guide<Tensor> Guide, Latent Z, Deterministic Mean, TorchSharp.Modules.Parameter Loc, Tensor Data) Mixture(double scale = 0.9)
    {
        var model = Model.Given<Tensor>("mixture").Sample("mu", new Normal(0, 2), out var mu).Plate("rows", total: 4)
            .Sample("z", _ => Bernoulli.FromProbs(0.4), out var z)
            .Deterministic("mean", s => s[z] * s[mu], out var mean)
            .Observe("x", s => new Normal(s[mean], 1), out _).Build();
        var loc = Inferences.Scalar(1.2);
        return (model, Guide.For(model).Sample(mu, _ => new Normal(loc, scale)).SumOut(z).Build(), z, mean, loc, tensor(X));
    }

    private static double Exact()
    {
        double Normal(double x, double mean, double sd) => Math.Exp(-(x - mean) * (x - mean) / (2 * sd * sd)) / (sd * Math.Sqrt(2 * Math.PI));
        const double Step = 0.001;
        return Math.Log(Enumerable.Range(-20_000, 40_001).Sum(i => Normal(i * Step, 0, 2) * X.Aggregate(1.0, (product, x) => product * ((0.6 * Normal(x, 0, 1)) + (0.4 * Normal(x, i * Step, 1))))) * Step);
    }
}
