using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Case C5: prediction from draws of a posterior, with some variables kept and the others from their priors.</summary>
public sealed class GivenTests
{
    private static readonly RandomKey Key = new(9);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ANewGroupIsDrawnUnderWhatWasLearnedOfAll(bool vectorized)
    {
        using var scope = NewDisposeScope();
        var (model, mu, alpha, twice, y) = Groups();
        var data = tensor(new[] { 1.5f, 2.5f, 0.5f });
        var guide = Guide.AutoMultivariateNormal(model, data, InitTo.Value((mu, 1.5), (alpha, new[] { 1.5, 2.0, 1.0 })), scale: 0.3);
        var draws = vectorized ? 20_000 : 500;
        var posterior = Posterior.Of(model, guide, data, draws, Key);
        using var predicted = Predictive.Given(model, posterior, zeros(1), Key, keep: [mu], vectorized: vectorized);
        Assert.Equal(vectorized, predicted.Vectorized);
        Assert.Equal([draws, 1], predicted[alpha].shape);
        Assert.Equal(Inferences.Numbers(posterior[mu]), Inferences.Numbers(predicted[mu]));

        // alpha | mu ~ N(mu, 1), y | alpha ~ N(alpha, 0.5); bounds: 4.5 standard errors.
        Moments(predicted[alpha].squeeze(-1) - predicted[mu], 0, 1);
        Moments(predicted[y] - predicted[alpha], 0, 0.25);
        Assert.Equal(0, (predicted[twice] - (2 * predicted[alpha])).abs().max().ToDouble());

        // Not drawn anew: with the same groups all keep their values.
        using var same = Predictive.Given(model, posterior, data, Key, vectorized: vectorized);
        Assert.Equal(Inferences.Numbers(posterior[alpha]), Inferences.Numbers(same[alpha]));
    }

    [Fact]
    public void PlatesApartAndStatesOfAModelAreDrawnToo()
    {
        // Two plates along −3 and −1, and a discrete variable that nobody kept.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("apart").Sample("mu", new Normal(0, 1), out var mu)
            .Plate("outer", total: 2, axis: -3).Sample("a", s => new Normal(s[mu], 1), out var a)
            .Plate("inner", total: d => d.shape[2], axis: -1).Sample("k", _ => Categorical.FromProbs(full(3, 1f / 3)), out var k)
            .Observe("y", s => new Normal(s[a] + s[k], 1), d => d, out var y).Build();
        var guide = Guide.AutoNormal(model, zeros(2, 1, 4), scale: 0.5);
        var posterior = Posterior.Of(model, guide, zeros(2, 1, 4), 40, Key);
        using var predicted = Predictive.Given(model, posterior, zeros(2, 1, 7), Key);
        Assert.True(predicted.Vectorized);
        Assert.Equal(Inferences.Numbers(posterior[a]), Inferences.Numbers(predicted[a]));
        Assert.Equal([40, 2, 7], predicted[k].shape);
        Assert.Equal([40, 2, 7], predicted[y].shape);
    }

    [Fact]
    public void WhatCannotBeKeptIsSaid()
    {
        using var scope = NewDisposeScope();
        var (model, mu, alpha, _, _) = Groups();
        var data = tensor(new[] { 1.5f, 2.5f, 0.5f });
        var posterior = Posterior.Of(model, Guide.AutoMultivariateNormal(model, data), data, 20, Key);
        Assert.Contains("each draw of site 'alpha' has shape (3), and with these data the site has (1)", Refusal(() => Predictive.Given(model, posterior, zeros(1), Key)), StringComparison.Ordinal);
        Assert.Contains("site 'mu' is observed in this model", Refusal(() => Predictive.Given(model.Condition(mu, 1.0), posterior, data, Key)), StringComparison.Ordinal);
        Assert.Contains("Site 'other' is not among", Refusal(() => Predictive.Given(model, posterior, data, Key, keep: [new Latent("other")])), StringComparison.Ordinal);

        string Refusal(Func<Prediction> use) => Assert.Throws<ModelException>(() => use().Dispose()).Message;
    }

    private static (Model<Tensor> Model, Latent Mu, Latent Alpha, Deterministic Twice, Observed Y) Groups()
    {
        var model = Model.Given<Tensor>("groups").Sample("mu", new Normal(0, 3), out var mu)
            .Plate("groups", total: d => d.shape[0]).Sample("alpha", s => new Normal(s[mu], 1), out var alpha)
            .Deterministic("twice", s => s[alpha] * 2, out var twice)
            .Observe("y", s => new Normal(s[alpha], 0.5), d => d, out var y).Build();
        return (model, mu, alpha, twice, y);
    }

    private static void Moments(Tensor draws, double mean, double variance)
    {
        var count = draws.numel();
        Assert.InRange((draws.mean().ToDouble() - mean) / Math.Sqrt(variance / count), -4.5, 4.5);
        Assert.InRange((draws.var().ToDouble() - variance) / (variance * Math.Sqrt(2.0 / count)), -4.5, 4.5);
    }
}
