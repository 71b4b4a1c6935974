using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Each estimator against evidence in closed form; per-element values; and what is refused.</summary>
public sealed class EvidenceTests
{
    private static readonly RandomKey Key = new(11);
    private static readonly AnnealingPath Path = new(Temperatures: 25, Leapfrogs: 3);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EveryEstimatorFindsTheEvidenceOfConjugateModels(bool vectorized)
    {
        using var scope = NewDisposeScope();
        foreach (var model in ConjugateEvidence.All)
        {
            var draws = vectorized ? 4000 : 300;
            AssertEstimates(model, Evidence.ByImportance(model.Model, model.Guide, model.Data, Key, draws, vectorized: vectorized));
            AssertEstimates(model, Evidence.ByPriorSampling(model.Model, model.Data, Key, draws, vectorized: vectorized));
        }
    }

    [Fact]
    public void AnnealingFindsTheEvidenceOfConjugateModelsFromThePriorAndFromTheGuide()
    {
        using var scope = NewDisposeScope();
        foreach (var model in ConjugateEvidence.All)
        {
            var fromPrior = Evidence.ByAnnealing(model.Model, model.Data, Key, 200, Path);
            AssertEstimates(model, fromPrior);
            AssertEstimates(model, Evidence.ByAnnealing(model.Model, model.Guide, model.Data, Key, 200, Path));

            // Annealed weights vary less than the prior's own: that is what the transitions are for.
            var plain = Evidence.ByPriorSampling(model.Model, model.Data, Key, 200);
            Assert.True(fromPrior.StandardError < plain.StandardError, $"{model.Name}: annealed {fromPrior.StandardError}, plain {plain.StandardError}.");
        }
    }

    [Fact]
    public void AnnealingRunsItsChainsOneByOneToo()
    {
        using var scope = NewDisposeScope();
        var model = ConjugateEvidence.CoinBias();
        var estimate = Evidence.ByAnnealing(model.Model, model.Data, Key, 8, new AnnealingPath(10, 3), vectorized: false);
        AssertEstimates(model, estimate);
        Assert.Equal("annealing from the prior, one run a draw", estimate.Method);
    }

    [Fact]
    public void AutomaticGuidesAreProposalsTooAndAPointIsNone()
    {
        using var scope = NewDisposeScope();
        foreach (var model in ConjugateEvidence.All)
        {
            AssertEstimates(model, Evidence.ByImportance(model.Model, Guide.AutoNormal(model.Model, model.Data, scale: 0.6), model.Data, Key, 4000));
            AssertEstimates(model, Evidence.ByImportance(model.Model, Guide.AutoMultivariateNormal(model.Model, model.Data, scale: 0.6), model.Data, Key, 4000));
        }

        var coin = ConjugateEvidence.CoinBias();
        AssertEstimates(coin, Evidence.ByAnnealing(coin.Model, Guide.AutoNormal(coin.Model, coin.Data, scale: 0.6), coin.Data, Key, 100, Path));
        var joint = Assert.Throws<ModelException>(() => Evidence.ByAnnealing(coin.Model, Guide.AutoMultivariateNormal(coin.Model, coin.Data), coin.Data, Key));
        Assert.Contains("Start from the prior", joint.Message, StringComparison.Ordinal);
        var point = Assert.Throws<ModelException>(() => Evidence.ByImportance(coin.Model, Guide.AutoDelta(coin.Model, coin.Data), coin.Data, Key));
        Assert.StartsWith("Site 'p': the guide's Delta can take only", point.Problems.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void AQuantityComputedAcrossRowsTiesThemTogether()
    {
        // z_n ~ N(0, 1), n = 1, 2; x_n ~ N(z_1 + z_2, 1): x ~ N(0, I + 2 · 1 1ᵀ).
        using var scope = NewDisposeScope();
        var (z, sum, x) = (new Latent("z"), new Deterministic("sum"), new Observed("x"));
        var model = Model.Program<Tensor>("tied", (p, data) =>
        {
            Tensor values;
            using (p.Plate("rows", 2))
            {
                values = p.Sample(z, new Normal(0, 1));
            }

            var total = p.Deterministic(sum, values.sum([-1], keepdim: true).squeeze(-1).unsqueeze(-1).view(values.dim() > 1 ? [values.shape[0], 1] : []));
            using var rows = p.Plate("rows", 2);
            p.Observe(x, new Normal(total, 1), data);
        });
        var estimate = Evidence.ByPriorSampling(model, tensor(new[] { 1f, 0.5f }), Key, 20_000);
        Assert.Empty(estimate.Plates);
        var exact = -Math.Log(2 * Math.PI) - (0.5 * Math.Log(5)) - (0.5 * ((1.25 * 3) - (4 * 0.5)) / 5);
        Inferences.AssertEstimates(exact, (estimate.LogEvidence, estimate.StandardError), "tied rows");
    }

    [Fact]
    public void TheExactPosteriorAsGuideNeedsOneDraw()
    {
        using var scope = NewDisposeScope();
        var coin = ConjugateEvidence.CoinBias();
        var posterior = Guide.For(coin.Model).Sample((Latent)coin.Model.Trace(coin.Data, Key).Sites[0].Key, _ => new Beta(8, 4)).Build();
        var estimate = Evidence.ByImportance(coin.Model, posterior, coin.Data, Key, 100);
        Assert.Equal(coin.Exact, estimate.LogEvidence, 1e-5);
        Assert.Equal(100, estimate.EffectiveSampleSize, 1e-3);
    }

    [Fact]
    public void RowsWithLatentVariablesOfTheirOwnHaveEvidenceOfTheirOwn()
    {
        using var scope = NewDisposeScope();
        var (model, guide, _, _) = Rows();
        var data = tensor(new[] { -1.5f, 0.2f, 0.9f, 3f });

        // x_n ~ N(0, 1.25). Bound for each: 4 standard errors, and 1e-4 of rounding.
        var exact = data.data<float>().ToArray().Select(x => (-0.5 * Math.Log(2 * Math.PI * 1.25)) - (x * x / 2.5)).ToArray();
        foreach (var estimate in new[] { Evidence.ByImportance(model, guide, data, Key, 2000), Evidence.ByPriorSampling(model, data, Key, 20000), Evidence.ByAnnealing(model, data, Key, 100, Path) })
        {
            Assert.Equal(["rows (4 of 60)"], estimate.Plates.Select(plate => plate.ToString()));
            Assert.Equal(4, estimate.Elements.Count);
            for (var row = 0; row < 4; row++)
            {
                Inferences.AssertEstimates(exact[row], (estimate.Elements[row].LogEvidence, estimate.Elements[row].StandardError), $"{estimate.Method}, row {row}");
            }

            Assert.Equal(estimate.Elements.Sum(element => element.LogEvidence), estimate.LogEvidence, 1e-9);
        }
    }

    [Fact]
    public void MemoryBoundsTheBatchAndNotTheEstimate()
    {
        using var scope = NewDisposeScope();
        var (model, guide, _, _) = Rows();
        var data = tensor(new[] { -1.5f, 0.2f, 0.9f, 3f });
        var whole = Evidence.ByImportance(model, guide, data, Key, 1000);
        var batches = Evidence.ByImportance(model, guide, data, Key, 1000, memory: 20_000);
        Assert.NotEqual(whole.LogEvidence, batches.LogEvidence);
        foreach (var (one, other) in whole.Elements.Zip(batches.Elements))
        {
            Assert.True(Math.Abs(one.LogEvidence - other.LogEvidence) < 4 * (one.StandardError + other.StandardError), $"{one} {other}");
            Assert.InRange(other.EffectiveSampleSize / one.EffectiveSampleSize, 0.7, 1.4);
        }
    }

    [Fact]
    public void PartsGiveTheRowsInTheirOrder()
    {
        using var scope = NewDisposeScope();
        var (model, guide, _, _) = Rows();
        Tensor[] parts = [tensor(new[] { -1.5f, 0.2f }), tensor(new[] { 3f })];
        var estimate = Evidence.ByImportanceInParts(model, guide, parts, Key, 2000);
        Assert.Equal(["rows (3 of 60)"], estimate.Plates.Select(plate => plate.ToString()));
        foreach (var (element, x) in estimate.Elements.Zip([-1.5, 0.2, 3]))
        {
            Inferences.AssertEstimates((-0.5 * Math.Log(2 * Math.PI * 1.25)) - (x * x / 2.5), (element.LogEvidence, element.StandardError), $"x = {x}");
        }

        Assert.Throws<ModelException>(() => Evidence.ByImportanceInParts(model, guide, Enumerable.Repeat(ones(40), 2), Key, 10));
        var global = ConjugateEvidence.NormalMean();
        Assert.Contains("no plate in common", Assert.Throws<ModelException>(() => Evidence.ByImportanceInParts(global.Model, global.Guide, [global.Data], Key, 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PlatesInsideTheRowsAreSummed()
    {
        // z_n ~ N(0, 1), x_nj ~ N(z_n, 1), j = 1, 2: x_n ~ N(0, I + 1).
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("pairs").Plate("rows", total: 3, axis: -2).Sample("z", new Normal(0, 1), out var z)
            .Plate("pair", total: 2, batch: _ => 2).Observe("x", s => new Normal(s[z], 1), out _).Build();
        var guide = Guide.For(model).Sample(z, x => new Normal(x.sum([-1], keepdim: true) / 3, 0.7)).Build();
        var data = tensor(new[] { 0.5f, 1, -1, 0, 2, 2.5f }).view(3, 2);
        var estimate = Evidence.ByImportance(model, guide, data, Key, 4000);
        Assert.Equal(3, estimate.Elements.Count);
        for (var row = 0; row < 3; row++)
        {
            var (a, b) = (data[row, 0].ToDouble(), data[row, 1].ToDouble());
            var exact = -Math.Log(2 * Math.PI) - (0.5 * Math.Log(3)) - (((a * a) + (b * b) - (a * b)) / 3);
            Inferences.AssertEstimates(exact, (estimate.Elements[row].LogEvidence, estimate.Elements[row].StandardError), $"row {row}");
        }
    }

    [Fact]
    public void DiscreteLatentVariablesAreWeighedToo()
    {
        // c ~ Bernoulli(0.3), x ~ N(3 c, 1) at x = 2.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("two").Sample("c", Bernoulli.FromProbs(0.3), out var c).Observe("x", s => new Normal(s[c] * 3, 1), out _).Build();
        var guide = Guide.For(model).Sample(c, _ => Bernoulli.FromProbs(0.6)).Build();
        var exact = Math.Log(((0.7 * Math.Exp(-2)) + (0.3 * Math.Exp(-0.5))) / Math.Sqrt(2 * Math.PI));
        var estimate = Evidence.ByImportance(model, guide, tensor(2f), Key, 4000);
        Inferences.AssertEstimates(exact, (estimate.LogEvidence, estimate.StandardError), "mixture");
        var refusal = Assert.Throws<ModelException>(() => Evidence.ByAnnealing(model, tensor(2f), Key));
        Assert.Equal("Site 'c': Bernoulli is discrete, and annealing moves continuous latent variables only; use ByImportance.", refusal.Problems.Single());
    }

    [Fact]
    public void AMinibatchOfAModelWithAGlobalVariableIsRefused()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("global").Sample("mu", new Normal(0, 1), out var mu).Plate("rows", total: 50).Observe("x", s => new Normal(s[mu], 1), out _).Build();
        var refusal = Assert.Throws<ModelException>(() => Evidence.ByPriorSampling(model, zeros(10), Key));
        Assert.Equal("Plate 'rows' holds 10 of its 50 elements, and not all random sites stand in it: log p(x) of all of them is no multiple of that of some. Give the whole data.", refusal.Problems.Single());
    }

    [Fact]
    public void AGuideThatNeverDrawsAPartOfThePriorIsRefused()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("mean").Sample("mu", new Normal(0, 1), out var mu).Observe("x", s => new Normal(s[mu], 1), out _).Build();
        foreach (var narrow in new Distribution[] { new LogNormal(0, 1), new Delta(tensor(0.5f)) })
        {
            var guide = Guide.For(model).Sample(mu, _ => narrow).Build();
            var refusal = Assert.Throws<ModelException>(() => Evidence.ByImportance(model, guide, tensor(1f), Key));
            Assert.StartsWith($"Site 'mu': the guide's {narrow.Family} can take only", refusal.Problems.Single(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AGuideOfAnotherModelIsRefused()
    {
        using var scope = NewDisposeScope();
        var (one, other) = (ConjugateEvidence.NormalMean(), ConjugateEvidence.CoinBias());
        Assert.Throws<ModelException>(() => Evidence.ByImportance(one.Model, other.Guide, one.Data, Key));
    }

    [Fact]
    public void AnImproperPriorCannotBeSampled()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("flat").Sample("mu", new ImproperUniform(Support.Real), out var mu).Observe("x", s => new Normal(s[mu], 1), out _).Build();
        Assert.StartsWith("Site 'mu': ImproperUniform: its density has no finite integral", Assert.Throws<ModelException>(() => Evidence.ByPriorSampling(model, tensor(1f), Key)).Message, StringComparison.Ordinal);
        Assert.Throws<ModelException>(() => Predictive.Prior(model, tensor(1f), Key));
    }

    [Fact]
    public void TheFiguresAreReadable()
    {
        using var scope = NewDisposeScope();
        var plate = new Plate("images", 60_000, 2, -1);
        var estimate = new EvidenceEstimate("importance sampling from the guide", 5000, [plate], [new(-90.5, 0.03, 812, 0.41, -90.4), new(-101.25, 0.04, 96.2, 0.62, -101.1)]);
        Assert.Equal(
            """
            log p(x) = -191.750 ± 0.050 nats (importance sampling from the guide, 5000 draws; images (2 of 60000))
            an element: -95.875 nats on average, from -101.250 to -90.500
            k̂ below 0.5: 1, to 0.7: 1, to 1: 0, above: 0 of 2 elements
            effective sample size 96.2 of 5000 (the lowest)
            Pareto k̂ 0.62 (the highest): the variance of the weights may be infinite, and the estimate is still useful; its standard error is optimistic.
            """,
            estimate.ToString(), ignoreLineEndingDifferences: true);
    }

    private static (Model<Tensor> Model, Guide<Tensor> Guide, Latent Z, Observed X) Rows()
    {
        var model = Model.Given<Tensor>("rows").Plate("rows", total: 60).Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 0.5), out var x).Build();
        return (model, Guide.For(model).Sample(z, data => new Normal(data * 0.8, 0.55)).Build(), z, x);
    }

    private static void AssertEstimates(ConjugateEvidence model, EvidenceEstimate estimate) =>
        Inferences.AssertEstimates(model.Exact, (estimate.LogEvidence, estimate.StandardError), $"{model.Name}, {estimate.Method}");
}
