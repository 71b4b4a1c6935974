using static ProbVae.Tests.Inference.Inferences;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>What is read from a guide after the fit: quantiles, draws, the table.</summary>
public sealed class PosteriorTests
{
    [Fact]
    public void QuantilesAreExactThroughMonotoneMaps()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("supports")
            .Sample("real", new Normal(0, 1), out var real)
            .Sample("positive", Gamma.FromShapeRate(2, 1), out var positive)
            .Sample("unit", new Beta(2, 2), out var unit)
            .Sample("below", new TransformedDistribution(new Exponential(1.0), AffineTransform.Between(Support.Positive, new Interval(double.NegativeInfinity, 2), 2, -1)), out var below)
            .Observe("y", s => new Normal(s[real], 1), out _)
            .Build();
        var data = tensor(0.5f);
        var guide = Guide.AutoNormal(model, data, InitTo.Value((real, 1.0), (positive, 2.0), (unit, 0.25), (below, -1.0)), scale: 0.5);
        var found = guide.Quantiles(data, 0.05, 0.5, 0.95);
        const double Step = 1.6448536 * 0.5;
        double Logistic(double x) => 1 / (1 + Math.Exp(-x));
        AssertAll([1 - Step, 1, 1 + Step], Numbers(found[real]));
        AssertAll([2 * Math.Exp(-Step), 2, 2 * Math.Exp(Step)], Numbers(found[positive]));
        AssertAll([Logistic(-Math.Log(3) - Step), 0.25, Logistic(-Math.Log(3) + Step)], Numbers(found[unit]));
        AssertAll([2 - (3 * Math.Exp(Step)), -1, 2 - (3 * Math.Exp(-Step))], Numbers(found[below]));
        Assert.Throws<ArgumentOutOfRangeException>(() => guide.Quantiles(data, 1.5));
    }

    [Fact]
    public void QuantilesOfAJointGuideComeFromDraws()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("m")
            .Sample("scale", Gamma.FromShapeRate(2, 1), out var scale)
            .Plate("points", total: 2)
            .Observe("y", s => new Normal(0, s[scale]), out _)
            .Build();
        var data = tensor(new[] { 0.5f, 1 });
        var guide = Guide.AutoMultivariateNormal(model, data, InitTo.Value((scale, 2.0)), scale: 0.5);

        // 4,000 draws: the median's standard error is 1.2533 · 0.5 / √4000 · 2 = 0.02; the bound is 4 of them.
        Assert.InRange(Numbers(guide.Median(data)[scale])[0], 2 - 0.08, 2 + 0.08);
    }

    [Fact]
    public void DrawsAndTheTableHoldLatentVariablesAndComputedQuantities()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("table")
            .Sample("mu", new Normal(0, 1), out var mu)
            .Sample("w", Normal.Standard(2), out var w)
            .Deterministic("sum", s => s[w].sum(dim: -1).add(s[mu]), out var sum)
            .Plate("points", total: 3)
            .Sample("z", s => new Normal(s[mu], ones(3)), out var z)
            .Observe("y", s => new Normal(s[z], 1), out var y)
            .Build();
        var data = tensor(new[] { 0.5f, 1, 2 });
        var guide = Guide.AutoNormal(model, data, InitTo.Value((mu, 1.0), (w, new double[] { 2, 3 }), (z, 4.0)), scale: 0.1);
        using var svi = Svi(model, guide);
        var posterior = svi.Posterior(data, draws: 4000);
        Assert.Equal([mu, w, sum, z], posterior.Sites);
        Assert.Equal([4000, 2], posterior[w].shape);
        Assert.Equal([4000, 3], posterior[z].shape);
        var summary = posterior.Summary();
        Assert.Equal(["mu", "w[0]", "w[1]", "sum", "z[0]", "z[1]", "z[2]"], summary.Rows.Select(row => row.Name));

        // Standard errors: 0.1 / √4000 of the mean, 0.1 / √8000 of the sd, √3 of it for the sum; bounds of 5 of them.
        Assert.Equal(6, summary["sum"].Mean, 0.014);
        Assert.Equal(0.1732, summary["sum"].StandardDeviation, 0.01);
        Assert.Equal(1 - 0.16449, summary["mu"].Lower, 0.017);
        Assert.Equal(1 + 0.16449, summary["mu"].Upper, 0.017);
        Assert.Equal(8, summary.ToString().Split(Environment.NewLine).Length);
        Assert.StartsWith("Site 'y' is not among the latent variables and computed quantities of 'table', which are mu, w, sum, z", Assert.Throws<ModelException>(() => posterior[y]).Message);
        Assert.Throws<KeyNotFoundException>(() => summary["nu"]);
    }

    [Fact]
    public void AProgramThatTakesNoLeadingAxisIsDrawnFromOneByOne()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("stubborn")
            .Sample("w", Normal.Standard(2), out var w)
            .Plate("points", total: 3)
            .Observe("y", s => new Normal(ones(3, 2).matmul(s[w].reshape(2, 1)).squeeze(-1), 1), out _)
            .Build();
        var data = tensor(new[] { 0.5f, 1, 2 });
        var posterior = Posterior.Of(model, Guide.AutoNormal(model, data), data, 20, new RandomKey(1));
        Assert.Equal([20, 2], posterior[w].shape);
    }

    [Fact]
    public void WhereDiscreteSitesAreSummedOutTheGuidesOwnAreDrawn()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("mixture")
            .Sample("means", new Normal(new double[] { -2, 2 }, 1.0), out var means)
            .Plate("points", total: 3)
            .Sample("k", _ => Categorical.FromProbs(ones(3, 2).mul(0.5)), out var k)
            .Observe("y", s => new Normal(where(s[k].eq(0), s[means].select(-1, 0), s[means].select(-1, 1)), 1), out _)
            .Build();
        var data = tensor(new[] { -1.5f, 1, 2 });
        var guide = Guide.AutoNormal(model, data);
        using var svi = Svi(model, guide, Elbo.Enumerated());
        Assert.True(double.IsFinite(svi.Step(data).Elbo));
        var posterior = svi.Posterior(data, 50);
        Assert.Equal([means], posterior.Sites);
        Assert.Equal([50, 2], posterior[means].shape);
    }

    private static void AssertAll(double[] expected, double[] found) => Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 2e-5 * Math.Max(1, Math.Abs(pair.First))));
}
