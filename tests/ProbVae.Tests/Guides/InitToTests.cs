using static ProbVae.Tests.Inference.Inferences;
using static TorchSharp.torch;

namespace ProbVae.Tests.Guides;

/// <summary>Where automatic guides start, and what they refuse to be made of.</summary>
public sealed class InitToTests
{
    [Fact]
    public void StartsAreWhereTheyAreSaidToBe()
    {
        using var scope = NewDisposeScope();
        var (model, rate, _) = Pair();
        var data = tensor(2f);
        double Rate(InitTo init) => Numbers(Guide.AutoDelta(model, data, init).Median(data)[rate])[0];

        // Gamma(4, rate 2) has the median 1.836 and the mean 2, and a standard deviation of 1: bounds of 3 standard errors.
        Assert.InRange(Rate(InitTo.Median(201)), 1.836 - 0.27, 1.836 + 0.27);
        Assert.InRange(Rate(InitTo.Mean(400)), 2 - 0.15, 2 + 0.15);
        Assert.Equal(1, Rate(InitTo.Feasible), 1e-6);
        Assert.Equal(3.25, Rate(InitTo.Value((rate, 3.25))), 1e-5);
        Assert.NotEqual(Rate(InitTo.Sample), Rate(InitTo.Median()));
    }

    [Fact]
    public void TheBestOfManyDrawsFitsTheDataBetterThanOne()
    {
        using var scope = NewDisposeScope();
        var (model, rate, _) = Pair();
        var data = tensor(5f);
        double Distance(InitTo init) => Math.Abs(Numbers(Guide.AutoDelta(model, data, init).Median(data)[rate])[0] - 5);

        // y = 5 with a noise of 0.1: of 200 draws the best lies close by.
        Assert.InRange(Distance(InitTo.BestOf(200)), 0, 0.5);
        Assert.True(Distance(InitTo.Sample) > Distance(InitTo.BestOf(200)));
    }

    [Fact]
    public void ImpossibleValuesAreRefusedAllAtOnce()
    {
        using var scope = NewDisposeScope();
        var (model, rate, mixing) = Pair();
        var stranger = new Latent("stranger");
        var error = Assert.Throws<ModelException>(() => Guide.AutoNormal(model, tensor(2f), InitTo.Value((rate, -1.0), (mixing, new double[] { 0.5, 0.5 }), (stranger, 1.0))));
        Assert.Equal(
            [
                "InitTo.Value: 'rate' must be a real number > 0; received -1.",
                "InitTo.Value: 'mixing' was given a value of shape (2); its shape is (3).",
                "InitTo.Value: 'stranger' is not among the latent variables that the guide covers: rate, mixing.",
            ],
            error.Problems);
        var edge = Assert.Throws<ModelException>(() => Guide.AutoNormal(
            Model.Given<Tensor>("m").Sample("p", new Uniform(0, 1), out var p).Observe("y", s => new Normal(s[p], 1), out _).Build(), tensor(2f), InitTo.Value((p, 0.0))));
        Assert.StartsWith("InitTo.Value: the value given for 'p' lies on the edge of its support", edge.Message);
    }

    [Fact]
    public void OnlyAndExceptNameLatentVariablesOfTheModel()
    {
        using var scope = NewDisposeScope();
        var (model, rate, mixing) = Pair();
        var data = tensor(2f);
        Assert.Equal([rate], Guide.AutoNormal(model, data, only: [rate]).Sites.Select(site => site.Handle));
        Assert.Equal([rate], Guide.AutoNormal(model, data, except: [mixing]).Sites.Select(site => site.Handle));
        var error = Assert.Throws<ModelException>(() => Guide.AutoNormal(model, data, only: [new Latent("rat")]));
        Assert.Equal(["AutoNormal, only: 'rat' is no latent variable of the model 'pair'; its latent variables are rate, mixing."], error.Problems);
        Assert.StartsWith("AutoNormal: the model 'pair' has no continuous latent variable that it could cover.", Assert.Throws<ModelException>(() => Guide.AutoNormal(model, data, except: [rate, mixing])).Message);
    }

    [Fact]
    public void ASupportThatDependsOnAnotherSiteIsRefused()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("stick")
            .Sample("a", new Uniform(0, 1), out var a)
            .Sample("b", s => new Uniform(0, s[a]), out _)
            .Observe("y", s => new Normal(s[a], 1), out _)
            .Build();
        var error = Assert.Throws<ModelException>(() => Guide.AutoNormal(model, tensor(0.5f)));
        Assert.StartsWith("AutoNormal: site 'b': the support of its prior Uniform depends on other latent variables, so no fixed map leads onto it.", error.Message);
    }

    [Fact]
    public void DiscreteSitesAreLeftOutAndSaidToBeMissing()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("switch")
            .Sample("k", Bernoulli.FromProbs(0.3), out var k)
            .Sample("mu", new Normal(0, 1), out var mu)
            .Observe("y", s => new Normal(s[mu].add(s[k]), 1), out _)
            .Build();
        var guide = Guide.AutoNormal(model, tensor(0.5f));
        Assert.Equal([mu], guide.Sites.Select(site => site.Handle));
        using var svi = Svi(model, guide);
        var error = Assert.Throws<ModelException>(() => svi.Step(tensor(0.5f)));
        Assert.StartsWith("Site 'k' is latent in the model and missing from the guide; every latent variable needs a site there", error.Message);
        Assert.StartsWith("AutoNormal: site 'k' is discrete (Bernoulli)", Assert.Throws<ModelException>(() => Guide.AutoNormal(model, tensor(0.5f), only: [k])).Message);
    }

    private static (Model<Tensor> Model, Latent Rate, Latent Mixing) Pair() => (Model.Given<Tensor>("pair")
        .Sample("rate", Gamma.FromShapeRate(4, 2), out var rate)
        .Sample("mixing", new Dirichlet(new double[] { 1, 1, 1 }), out var mixing)
        .Observe("y", s => new Normal(s[rate], 0.1), out _)
        .Build(), rate, mixing);
}
