using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Prior, posterior and conditional prediction: shapes, moments, who owns the tensors, memory, and what is refused.</summary>
public sealed class PredictiveTests
{
    private static readonly RandomKey Key = new(3);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DrawsHaveTheShapeOfDrawsPlatesAndEvent(bool vectorized)
    {
        using var scope = NewDisposeScope();
        var schools = Schools(out var mu, out var theta, out var offset, out var score, out var total);
        var prediction = Predictive.Prior(schools, zeros(5, 20, 2), Key, draws: 7, vectorized: vectorized);
        Assert.Equal(vectorized, prediction.Vectorized);
        Assert.Equal([7], prediction[mu].shape);
        Assert.Equal([7, 5], prediction[theta].shape);
        Assert.Equal([7, 20], prediction[offset].shape);
        Assert.Equal([7, 5], prediction[total].shape);
        Assert.Equal([7, 5, 20, 2], prediction[score].shape);
        Assert.Equal((prediction[theta] * 2).data<float>().ToArray(), prediction[total].data<float>().ToArray());
    }

    [Fact]
    public void ThePriorPredictsBeforeTheDataIsSeen()
    {
        // x = z + noise, z ~ N(0, 1), noise ~ N(0, 0.5): x has mean 0 and variance 1.25. Bounds: 4 standard errors of 20,000 draws.
        using var scope = NewDisposeScope();
        var (model, _, z, x) = Rows();
        var prediction = Predictive.Prior(model, full(2, 100f), Key, draws: 10_000);
        Moments(prediction[z].flatten(), 0, 1);
        Moments(prediction[x].flatten(), 0, 1.25);
        Assert.InRange(((prediction[z] * prediction[x]).mean().ToDouble() - 1) / Math.Sqrt(3.0 / 20_000), -4, 4);
    }

    [Fact]
    public void ThePosteriorPredictsFromTheGuide()
    {
        using var scope = NewDisposeScope();
        var (model, guide, z, x) = Rows();
        var fitted = Predictive.Posterior(model, guide, tensor(new[] { 2f, -1f }), Key, draws: 10_000);
        Moments(fitted[z].select(1, 0), 1.6, 0.2);
        Moments(fitted[x].select(1, 1), -0.8, 0.45);

        // The same guide, given other data of another length.
        var conditional = Predictive.Posterior(model, guide, tensor(new[] { 5f, 0f, 1f }), Key, draws: 10_000, sites: [x]);
        Assert.Equal([x], conditional.Sites);
        Moments(conditional[x].select(1, 0), 4, 0.45);
    }

    [Fact]
    public void AConditionedLatentVariableKeepsItsValueInEveryDraw()
    {
        using var scope = NewDisposeScope();
        var z = new Latent("z");
        var x = new Observed("x");
        var model = Model.Program<Tensor>("p", (p, data) =>
        {
            using var rows = p.Plate("rows", 2);
            var value = p.Sample(z, new Normal(0, 1));
            p.Observe(x, new Normal(value, 0.001), data);
        });
        var value = tensor(new[] { 3f, 4f });
        var conditioned = model.Handled("Condition", z, model.Rules with
        {
            Rules = model.Rules.Rules.Add(z, new ModelRule<Tensor>("Condition", (here, _) => here.Set(value, (prior, reads, held, plates) => new ObservedSite(z, prior, held, plates, reads)))),
        });
        var prediction = Predictive.Prior(conditioned, zeros(2), Key, draws: 50);
        Assert.Equal([50, 2], prediction[z].shape);
        Assert.Equal(0, (prediction[z] - value).abs().max().ToDouble());
        Assert.InRange((prediction[x] - value).abs().max().ToDouble(), 1e-6, 0.01);
    }

    [Fact]
    public void TheTensorsBelongToTheCaller()
    {
        var (model, guide, z, x) = Rows();
        using var data = tensor(new[] { 2f, -1f });
        Prediction prediction;
        using (NewDisposeScope())
        {
            prediction = Predictive.Posterior(model, guide, data, Key, draws: 3);
        }

        Assert.Equal([3, 2], prediction[x].shape);
        Assert.False(prediction[z].requires_grad);
        prediction.Dispose();
        Assert.True(prediction[x].IsInvalid);
    }

    [Fact]
    public void TheSameKeyGivesTheSameDrawsAndAnotherKeyOthers()
    {
        using var scope = NewDisposeScope();
        var (model, guide, _, x) = Rows();
        using var data = tensor(new[] { 2f, -1f });
        float[] Draw(RandomKey key, long memory = Predictive.DefaultMemory) => Predictive.Posterior(model, guide, data, key, 100, memory: memory)[x].data<float>().ToArray();
        Assert.Equal(Draw(Key), Draw(Key));
        Assert.NotEqual(Draw(Key), Draw(new RandomKey(4)));
        Assert.Equal(100, Draw(Key, 500).Chunk(2).Select(row => row[0]).Distinct().Count());
    }

    [Fact]
    public void ManyDrawsRunInBatchesWithinTheBound()
    {
        // Each draw's values are 40 kB; the largest run that a bound of 2 MB lets through is seen by the model itself.
        using var scope = NewDisposeScope();
        long most = 0;
        var model = Model.Given<Tensor>("wide").Plate("rows", total: 10_000).Sample("z", new Normal(0, 1), out var z)
            .Observe("x", s =>
            {
                most = Math.Max(most, s[z].dim() > 1 ? s[z].shape[0] : 1);
                return new Normal(s[z], 1);
            }, out var x).Build();
        var prediction = Predictive.Prior(model, zeros(10_000), Key, draws: 60, sites: [z], memory: 2_000_000);
        Assert.Equal([60, 10_000], prediction[z].shape);
        Assert.InRange(most, 2, 25);
        Assert.Equal(1, Math.Round(prediction[z].var().ToDouble(), 1));
    }

    [Fact]
    public void AProgramThatCannotTakeAParticleAxisRunsOnceADraw()
    {
        using var scope = NewDisposeScope();
        var (w, y) = (new Latent("w"), new Observed("y"));
        var inputs = tensor(new float[] { 1, 2, 3, 4, 5, 6 }).view(3, 2);
        var model = Model.Program<Tensor>("matmul", (p, data) =>
        {
            var weights = p.Sample(w, Normal.Standard(2));
            using var rows = p.Plate("rows", 3);
            p.Observe(y, new Normal(inputs.matmul(weights.view(2)), 1), data);
        });
        var prediction = Predictive.Prior(model, zeros(3), Key, draws: 11);
        Assert.False(prediction.Vectorized);
        Assert.Equal([11, 3], prediction[y].shape);
        Assert.Equal([11, 2], prediction[w].shape);
    }

    [Fact]
    public void SitesOfSomeRunsOnlyMakeNoTensor()
    {
        using var scope = NewDisposeScope();
        var (coin, extra) = (new Latent("coin"), new Latent("extra"));
        var model = Model.Program<Tensor>("branches", (p, _) =>
        {
            if (p.Sample(coin, Bernoulli.FromProbs(0.5)).ToDouble() < 0.5)
            {
                p.Sample(extra, new Normal(0, 1));
            }
        });
        Assert.Equal([20], Predictive.Prior(model, zeros(1), Key, draws: 20, sites: [coin])[coin].shape);
        var refusal = Assert.Throws<ModelException>(() => Predictive.Prior(model, zeros(1), new RandomKey(Seed(model, coin)), draws: 20));
        Assert.StartsWith("Site 'extra' occurs in some runs of the model only", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASiteThatTheModelLacksIsRefusedWithItsSites()
    {
        using var scope = NewDisposeScope();
        var (model, _, z, x) = Rows();
        var refusal = Assert.Throws<ModelException>(() => Predictive.Prior(model, zeros(2), Key, sites: [z, new Observed("y")]));
        Assert.Equal("Predictive: the model 'rows' has no site 'y'; its sites are z, x. Give the handle that the model was declared with.", refusal.Problems.Single());
        Assert.Equal("Predictive: no site was chosen; those of the model 'rows' are z, x.", Assert.Throws<ModelException>(() => Predictive.Prior(model, zeros(2), Key, sites: [])).Problems.Single());
        var prediction = Predictive.Prior(model, zeros(2), Key, draws: 2, sites: [x]);
        Assert.Equal("Site 'z' is not among the sites of this prediction of 'rows', which are x.", Assert.Throws<ModelException>(() => prediction[z]).Problems.Single());
        Assert.Equal("  site  draws\n  x     (2, 2)", prediction.ToString(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void PredictionLeavesRunningStatisticsAsTheyWere()
    {
        using var scope = NewDisposeScope();
        var norm = nn.BatchNorm1d(2);
        var model = Model.Given<Tensor>("norm").Plate("rows", total: 4).Sample("z", Normal.Standard(2), out var z)
            .Observe("x", s => new Normal(norm.call(s[z].reshape(-1, 2)).reshape(s[z].shape), 1).ToEvent(), out _).Build();
        Predictive.Prior(model, zeros(4, 2), Key, draws: 3);
        Assert.Equal([0f, 0f], norm.get_buffer("running_mean")!.data<float>().ToArray());
    }

    private static Model<Tensor> Schools(out Latent mu, out Latent theta, out Latent offset, out Observed score, out Deterministic total)
    {
        // Plates along −2 and −1; theta stands in the outer one, offset in the inner one.
        Latent m = new("mu"), t = new("theta"), o = new("offset");
        Observed y = new("score");
        Deterministic d = new("twice");
        (mu, theta, offset, score, total) = (m, t, o, y, d);
        return Model.Program<Tensor>("schools", (p, data) =>
        {
            var mean = p.Sample(m, new Normal(0, 1));
            Tensor effect, shift;
            using (p.Plate("schools", 5, axis: -2))
            {
                effect = p.Sample(t, new Normal(mean, 1));
                p.Deterministic(d, effect * 2);
            }

            using (p.Plate("pupils", 20, axis: -1))
            {
                shift = p.Sample(o, new Normal(0, 1));
            }

            using var schools = p.Plate("schools", 5, axis: -2);
            using var pupils = p.Plate("pupils", 20, axis: -1);
            p.Observe(y, new Normal((effect + shift).unsqueeze(-1) + zeros(2), 1).ToEvent(), data);
        });
    }

    private static (Model<Tensor> Model, Guide<Tensor> Guide, Latent Z, Observed X) Rows()
    {
        var model = Model.Given<Tensor>("rows").Plate("rows", total: 60).Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 0.5), out var x).Build();
        return (model, Guide.For(model).Sample(z, data => new Normal(data * 0.8, Math.Sqrt(0.2))).Build(), z, x);
    }

    // A key whose first run comes to the branch.
    private static long Seed(Model<Tensor> model, Latent coin)
    {
        for (long seed = 0; ; seed++)
        {
            try
            {
                _ = Predictive.Prior(model, zeros(1), new RandomKey(seed), draws: 1, sites: [new Latent("none")]);
            }
            catch (ModelException refusal) when (refusal.Problems.Single().Contains("extra", StringComparison.Ordinal))
            {
                return seed;
            }
            catch (ModelException)
            {
            }
        }
    }

    private static void Moments(Tensor draws, double mean, double variance)
    {
        var count = draws.numel();
        Assert.InRange((draws.mean().ToDouble() - mean) / Math.Sqrt(variance / count), -4, 4);
        Assert.InRange((draws.var().ToDouble() - variance) / (variance * Math.Sqrt(2.0 / count)), -4, 4);
    }
}
