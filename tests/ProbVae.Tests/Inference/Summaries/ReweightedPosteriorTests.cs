using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Importance resampling: moments of the posterior from a guide that is not it, and what is said of the weights.</summary>
public sealed class ReweightedPosteriorTests
{
    private static readonly RandomKey Key = new(4);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DrawsOfAGuideBesideThePosteriorBecomeThePosteriors(bool vectorized)
    {
        // mu | x ~ N(Σx / 6, 1/6) with Σx = 4.1; the guide is N(0.6, 0.5).
        using var scope = NewDisposeScope();
        var conjugate = ConjugateEvidence.NormalMean();
        var draws = vectorized ? 4000 : 300;
        var posterior = Posterior.ByImportance(conjugate.Model, conjugate.Guide, conjugate.Data, draws, proposals: 5 * draws, Key, vectorized: vectorized);
        var values = posterior[posterior.Sites[0]];
        Assert.Equal([draws], values.shape);

        // Standard errors: of the proposals' effective size as well as of the draws; bounds of 4.5.
        var size = 1 / ((1 / posterior.Weights!.EffectiveSampleSize) + (1.0 / draws));
        Assert.Equal(4.1 / 6, values.mean().ToDouble(), 4.5 * Math.Sqrt(1 / 6.0 / size));
        Assert.Equal(1 / 6.0, values.var().ToDouble(), 4.5 / 6 * Math.Sqrt(2 / size));
        Inferences.AssertEstimates(conjugate.Exact, (posterior.Weights.LogEvidence, posterior.Weights.StandardError), "evidence");
        Assert.Null(Posterior.Of(conjugate.Model, conjugate.Guide, conjugate.Data, 10).Weights);
    }

    [Fact]
    public void RowsOfTheirOwnAreChosenByThemselves()
    {
        // z_n | x_n ~ N(0.8 x_n, 0.2), x_n ~ N(z_n, 0.5); the guide is N(x_n / 2, 1). A sum over rows has no rows of its own.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("rows").Plate("rows", total: 3).Sample("z", Normal.Standard(2), out var z)
            .Deterministic("square", s => s[z].square(), out var square)
            .Observe("x", s => new Normal(s[z], 0.5).ToEvent(), out _).Build();
        var guide = Guide.For(model).Sample(z, x => new Normal(x / 2, 1).ToEvent()).Build();
        var data = tensor(new[] { 2f, -1, 0.5f, 1, 0, 3 }).view(3, 2);
        var posterior = Posterior.ByImportance(model, guide, data, 3000, proposals: 30_000, Key);
        Assert.Equal([3000, 3, 2], posterior[z].shape);
        Assert.Equal(3, posterior.Weights!.Elements.Count);
        Assert.Equal(Inferences.Numbers(posterior[z].square()), Inferences.Numbers(posterior[square]));

        // Effective sizes are above 3,000; the bound is 4.5 standard errors at half of that.
        var error = (posterior[z].mean([0L]) - (0.8 * data)).abs().max().ToDouble();
        Assert.InRange(error, 0, 4.5 * Math.Sqrt(0.2 / 1500));

        // Rows are chosen independently: their numbers are uncorrelated, within 4.5 / √3000.
        var first = posterior[z].select(1, 0).select(1, 0);
        var second = posterior[z].select(1, 1).select(1, 0);
        Assert.InRange(((first - first.mean()) * (second - second.mean())).mean().ToDouble() / 0.2, -0.083, 0.083);
    }

    [Fact]
    public void WhatWasSummedOutIsBehindWhatIsComputed()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("mixture").Sample("mu", new Normal(0, 2), out var mu).Plate("rows", total: 2)
            .Sample("z", _ => Bernoulli.FromProbs(0.4), out var z).Deterministic("mean", s => s[z] * s[mu], out var mean)
            .Observe("x", s => new Normal(s[mean], 1), out _).Build();
        var guide = Guide.For(model).Sample(mu, _ => new Normal(1, 1.5)).SumOut(z).Build();
        var posterior = Posterior.ByImportance(model, guide, tensor(new[] { 2f, 0f }), 400, key: Key);
        Assert.Equal([mu, mean], posterior.Sites);
        var ratio = posterior[mean] / posterior[mu].unsqueeze(-1);
        Assert.All(Inferences.Numbers(ratio), number => Assert.True(number is 0 or > 0.9999 and < 1.0001, $"{number}"));
        Assert.Throws<ModelException>(() => posterior[z]);
    }
}
