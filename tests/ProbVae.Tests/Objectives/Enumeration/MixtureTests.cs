using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives.Enumeration;

/// <summary>A mixture of three normals whose assignments are summed out: evidence, gradients and responsibilities in closed form.</summary>
public sealed class MixtureTests
{
    private static readonly double[] Points = [-2.1, -1.7, 0.2, 0.4, 2.9, 3.3, 3.1];

    [Fact]
    public void EvidenceAndGradientsAreThoseOfTheMixtureDensity()
    {
        using var data = tensor(Points, ScalarType.Float32);
        using Parameter logits = new(tensor(new[] { 0.3f, -0.2f, 0.5f })), locs = new(tensor(new[] { -2f, 0f, 3f })), logScales = new(tensor(new[] { 0f, -0.5f, 0.1f }));
        var model = Mixture(logits, locs, logScales, Points.Length, out var z);
        var svi = Svi.For(model, Guide.For(model).SumOut(z).Build(), Elbo.Enumerated(), Inferences.Still);
        var step = svi.Step(data);
        var found = new[] { logits, locs, logScales }.Select(parameter => Inferences.Numbers(parameter.grad!)).ToList();

        foreach (var parameter in new[] { logits, locs, logScales })
        {
            parameter.grad = null;
        }

        using var scope = NewDisposeScope();
        var exact = new MixtureSameFamily(Categorical.FromLogits(logits), new Normal(locs, logScales.exp())).LogProb(data).sum();
        exact.neg().backward();
        // Both in float32: sums of seven logarithms agree to a few units in the last place.
        Assert.Equal(exact.ToDouble(), step.Elbo, 1e-5);
        Assert.Equal("z", Assert.Single(step.Terms).Site);
        foreach (var (gradient, parameter) in found.Zip([logits, locs, logScales]))
        {
            Assert.All(gradient.Zip(Inferences.Numbers(parameter.grad!)), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        }
    }

    [Fact]
    public void ResponsibilitiesAreBayesRule()
    {
        using var scope = NewDisposeScope();
        var data = tensor(Points, ScalarType.Float32);
        Parameter logits = new(tensor(new[] { 0.3f, -0.2f, 0.5f })), locs = new(tensor(new[] { -2f, 0f, 3f })), logScales = new(tensor(new[] { 0f, -0.5f, 0.1f }));
        var model = Mixture(logits, locs, logScales, Points.Length, out var z);
        var posterior = DiscretePosterior.Of(model, Guide.For(model).SumOut(z).Build(), data, new RandomKey(1));
        var joint = new Normal(locs, logScales.exp()).LogProb(data.unsqueeze(-1).expand(-1, 3)).add(logits.log_softmax(-1));
        Assert.Equal([Points.Length, 3L], posterior[z].shape);
        Assert.All(Inferences.Numbers(posterior[z]).Zip(Inferences.Numbers(joint.softmax(-1))), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        Assert.Equal(joint.logsumexp(-1).sum().ToDouble(), posterior.LogEvidence, 1e-5);
        Assert.Equal(Inferences.Numbers(joint.argmax(-1)), Inferences.Numbers(posterior.Mode()[z]));
    }

    [Fact]
    public void AMinibatchCountsTotalOverSizeTimes()
    {
        using var scope = NewDisposeScope();
        var data = tensor(Points, ScalarType.Float32);
        Parameter logits = new(zeros(3)), locs = new(tensor(new[] { -2f, 0f, 3f })), logScales = new(zeros(3));
        var whole = Mixture(logits, locs, logScales, Points.Length, out var z);
        var part = Mixture(logits, locs, logScales, 70, out var other);
        var exact = Svi.For(whole, Guide.For(whole).SumOut(z).Build(), Elbo.Enumerated(), Inferences.Still).Step(data).Elbo;
        var gradient = Inferences.Numbers(locs.grad!);
        Assert.Equal(10 * exact, Svi.For(part, Guide.For(part).SumOut(other).Build(), Elbo.Enumerated(), Inferences.Still).Step(data).Elbo, 1e-3);
        Assert.All(Inferences.Numbers(locs.grad!).Zip(gradient), pair => Assert.Equal(10 * pair.Second, pair.First, 1e-4));
        Assert.All(Inferences.Numbers(DiscretePosterior.Of(part, Guide.For(part).SumOut(other).Build(), data, new RandomKey(1))[other].sum(dim: -1)), sum => Assert.Equal(1, sum, 1e-5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ContinuousVariablesAreDrawnBesideTheSum(bool vectorized)
    {
        // mu_k ~ N(0, 5), z ~ Categorical, x ~ N(mu_z, 1): at the same draws of mu, the same ELBO as with the mixture's density written out.
        using var scope = NewDisposeScope();
        var data = tensor(Points, ScalarType.Float32);
        Parameter loc = new(tensor(new[] { -2f, 0f, 3f })), logScale = new(full(3, -1f));
        var model = Model.Given<Tensor>("mixture").Sample("mu", new Normal(zeros(3), 5), out var mu)
            .Plate("points", total: Points.Length).Sample("z", Categorical.FromProbs(new[] { 0.2, 0.3, 0.5 }), out var z)
            .Observe("x", s => new Normal(s[mu].At(s[z]), 1), out _).Build();
        var direct = Model.Given<Tensor>("mixture").Sample("mu", new Normal(zeros(3), 5), out var sameMu).Plate("points", total: Points.Length)
            .Observe("x", s => new MixtureSameFamily(Categorical.FromProbs(new[] { 0.2, 0.3, 0.5 }), new Normal(s[sameMu], 1)), out _).Build();
        var found = Svi.For(model, Guide.For(model).Sample(mu, _ => new Normal(loc, logScale.exp())).SumOut(z).Build(), Elbo.Enumerated(6, vectorized), Inferences.Still).Step(data);
        var gradient = Inferences.Numbers(loc.grad!);
        var expected = Svi.For(direct, Guide.For(direct).Sample(sameMu, _ => new Normal(loc, logScale.exp())).Build(), Elbo.Trace(6, vectorized), Inferences.Still).Step(data);
        Assert.Equal(expected.Elbo, found.Elbo, 1e-4);
        Assert.Equal(["z", "mu"], found.Terms.Select(term => term.Site));
        Assert.All(Inferences.Numbers(loc.grad!).Zip(gradient), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
    }

    private static Model<Tensor> Mixture(Tensor logits, Tensor locs, Tensor logScales, long total, out Latent z)
    {
        var model = Model.Given<Tensor>("mixture")
            .Plate("points", total)
            .Sample("z", _ => Categorical.FromLogits(logits), out var site)
            .Observe("x", s => new Normal(locs.At(s[site]), logScales.exp().At(s[site])), out _).Build();
        z = site;
        return model;
    }
}
