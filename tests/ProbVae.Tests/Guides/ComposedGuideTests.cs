using static ProbVae.Tests.Inference.Inferences;
using static TorchSharp.torch;

namespace ProbVae.Tests.Guides;

/// <summary>Guides of several parts, and guides that follow a model whose priors were swapped.</summary>
public sealed class ComposedGuideTests
{
    [Fact]
    public void AutomaticAndAmortizedPartsMakeOneGuide()
    {
        // mu ~ Normal(0, 2), z ~ Normal(mu, 1), y ~ Normal(z, 0.5): given mu, z is normal around 0.8 y + 0.2 mu with variance 0.2.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("amortized")
            .Sample("mu", new Normal(0, 2), out var mu)
            .Plate("points", total: 6)
            .Sample("z", s => new Normal(s[mu], 1), out var z)
            .Observe("y", s => new Normal(s[z], 0.5), out _)
            .Build();
        var y = tensor(new[] { 0.4f, 1.9f, 1.2f, -0.3f, 2.2f, 0.9f });
        var (weight, logScale) = (Scalar(0.5), Scalar(0));
        var locals = Guide.For(model).Sample(z, (data, s) => new Normal(data.mul(weight).add(s[mu].mul(weight.neg().add(1))), logScale.exp())).BuildPart();
        var guide = Guide.Compose(model, Guide.AutoNormal(model, y, only: [mu]), locals);
        using var svi = Svi.For(model, guide, Elbo.MeanField(particles: 8), Adam(0.05));
        Fit(svi, 800, _ => y);
        Assert.Equal(["logScale", "mu.loc", "mu.logScale", "weight"], svi.Parameters.ByName.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(Numbers(weight)[0], 0.75, 0.85);

        // y ~ Normal(mu, 1.25 I): precision 1/4 + 6 / 1.25, mean Σy / 1.25 over it.
        var (precision, sum) = (0.25 + (6 / 1.25), Numbers(y).Sum());
        Assert.InRange(Numbers(svi.Parameters.ByName["mu.loc"])[0], (sum / 1.25 / precision) - 0.05, (sum / 1.25 / precision) + 0.05);
        Assert.InRange(Numbers(svi.Parameters.ByName["mu.logScale"].exp())[0], (1 / Math.Sqrt(precision)) - 0.04, (1 / Math.Sqrt(precision)) + 0.04);
    }

    [Fact]
    public void PartsThatOverlapOrLeaveASiteOutAreRefused()
    {
        using var scope = NewDisposeScope();
        var (model, a, b) = Two();
        var data = tensor(0.5f);
        var error = Assert.Throws<ModelException>(() => Guide.Compose(model, Guide.AutoNormal(model, data), Guide.AutoDelta(model, data, only: [b])));
        Assert.Equal(["Guide.Compose: site 'b' is covered by AutoNormal and by AutoDelta; name the sites of each part with only: or except:."], error.Problems);
        using var svi = Svi(model, Guide.Compose(model, Guide.AutoNormal(model, data, only: [a])));
        Assert.Contains("Site 'b' is latent in the model and missing from the guide", Assert.Throws<ModelException>(() => svi.Step(data)).Message, StringComparison.Ordinal);
        Assert.StartsWith("Guide.Compose: the guide of other is no guide of the model 'two'", Assert.Throws<ModelException>(() => Guide.Compose(model, Guide.AutoNormal(Other(), data))).Message);
    }

    [Fact]
    public void TwoJointPartsStandBesideEachOther()
    {
        using var scope = NewDisposeScope();
        var (model, a, b) = Two();
        var data = tensor(0.5f);
        using var svi = Svi(model, Guide.Compose(model, Guide.AutoMultivariateNormal(model, data, only: [a]), Guide.AutoMultivariateNormal(model, data, only: [b])));
        Assert.True(double.IsFinite(svi.Step(data).Elbo));
        Assert.Contains("joint#2.loc", svi.Parameters.ByName.Keys);
    }

    [Theory]
    [InlineData("AutoNormal")]
    [InlineData("AutoMultivariateNormal")]
    [InlineData("AutoIaf")]
    public void AGuideFollowsASwappedPrior(string family)
    {
        using var scope = NewDisposeScope();
        var (model, a, b) = Two();
        var data = tensor(0.5f);
        AutoGuide<Tensor> guide = family switch
        {
            "AutoNormal" => Guide.AutoNormal(model, data, InitTo.Value((a, 0.25), (b, 3.0)), scale: 0.3),
            "AutoIaf" => Guide.AutoIaf(model, data, init: InitTo.Value((a, 0.25), (b, 3.0)), scale: 0.3),
            _ => Guide.AutoMultivariateNormal(model, data, InitTo.Value((a, 0.25), (b, 3.0)), scale: 0.3),
        };

        // From all real numbers to (0, 1) for a; b keeps its positive numbers.
        var swapped = model.With(a, new Beta(2, 2));
        using var refused = Svi(swapped, guide);
        Assert.Contains("as guide.Following(model, data) gives", Assert.Throws<ModelException>(() => refused.Step(data)).Message, StringComparison.Ordinal);
        var followed = guide.Following(swapped, data);
        Assert.Equal(["Site 'a' has another support (a real number in (0, 1)): its spread was carried over in unconstrained numbers, which mean something else there."], followed.Notes);
        using var svi = Svi(swapped, followed.Guide);
        Assert.True(double.IsFinite(svi.Step(data).Elbo));
        if (family == "AutoNormal")
        {
            var median = guide.Following(swapped, data).Guide.Median(data);
            Assert.Equal(0.25, Numbers(median[a])[0], 1e-5);
            Assert.Equal(3, Numbers(median[b])[0], 1e-4);
        }
    }

    [Fact]
    public void WhatCannotBeCarriedOverIsSaid()
    {
        using var scope = NewDisposeScope();
        var (model, a, b) = Two();
        var data = tensor(0.5f);
        var guide = Guide.AutoMultivariateNormal(model, data, InitTo.Value((a, -2.0), (b, 3.0)));
        var followed = guide.Following(model.With(a, new Dirichlet(new double[] { 1, 1, 1 })).With(b, new Uniform(0, 1)), data);
        Assert.Equal(
            [
                "Site 'a' had shape () and has (3) now; it starts at the prior's median.",
                "Site 'b': the values that were found (a real number > 0) do not all lie inside the new support (a real number in [0, 1]); it starts at the prior's median.",
                "Parameter 'joint.logScale' had shape (2) and has (3) now; it has its first values.",
                "Parameter 'joint.lower' had shape (2, 2) and has (3, 3) now; it has its first values.",
            ],
            followed.Notes.Take(4));
        Assert.Throws<ModelException>(() => guide.Following(Other(), data));
    }

    private static Model<Tensor> Other() => Model.Given<Tensor>("other").Sample("c", new Normal(0, 1), out var c).Observe("y", s => new Normal(s[c], 1), out _).Build();

    private static (Model<Tensor> Model, Latent A, Latent B) Two() => (Model.Given<Tensor>("two")
        .Sample("a", new Normal(0, 1), out var a)
        .Sample("b", Gamma.FromShapeRate(2, 1), out var b)
        .Observe("y", s => new Normal(s[b], 1), out _)
        .Build(), a, b);
}
