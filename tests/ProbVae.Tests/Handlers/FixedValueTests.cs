using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Handlers;

/// <summary>Substitute, Replay, Block, Seed, Scale and Mask: what each does to values and to densities.</summary>
public sealed class FixedValueTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _data = tensor(new[] { 0.5f, -1, 2, 0 });

    [Fact]
    public void ASubstitutedValueIsScoredAsLatent()
    {
        var (model, mu, z) = Build();
        var trace = model.Substitute(mu, 0.4).Substitute(z, _ => _data * 2).Trace(_data, new RandomKey(1));
        Assert.Equal(["latent", "latent", "observed"], trace.Sites.Select(site => site.Role));
        Assert.Equal(0.4, trace[mu].Value.ToDouble(), 6);
        var x = Inferences.Numbers(_data);
        Assert.Equal(
            Exact.LogNormalDensity(0.4, 0, 1) + x.Sum(value => Exact.LogNormalDensity(2 * value, 0.4, 1) + Exact.LogNormalDensity(value, 2 * value, 1)),
            Exact.LogJoint(trace), 4);
    }

    [Fact]
    public void ASubstitutedValueServesAGuideThatGivesTheSame()
    {
        var (model, mu, z) = Build();
        var (at, loc) = (Inferences.Scalar(0.4), Inferences.Scalar(0.1));
        var guide = Guide.For(model).Sample(mu, _ => new Delta(at)).Sample(z, x => new Normal(x * loc, 1)).Build();
        Assert.Equal(Exact.ElboOf(model, guide, _data, particles: 3), Exact.ElboOf(model.Substitute(mu, 0.4), guide, _data, particles: 3), 5);
    }

    [Fact]
    public void ReplayGivesTheLatentVariablesTheValuesOfATrace()
    {
        var (model, mu, z) = Build();
        var first = model.Trace(_data, new RandomKey(1));
        var second = model.Replay(first).Trace(_data + 1, new RandomKey(2));
        Assert.Equal(Inferences.Numbers(first[z].Value), Inferences.Numbers(second[z].Value));
        Assert.Equal(first[mu].Value.ToDouble(), second[mu].Value.ToDouble());
        Assert.Equal("latent", second[z].Role);
        // A guide's trace, and the same by the engine's own way.
        var loc = Inferences.Scalar(0.1);
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).Sample(z, x => new Normal(x * loc, 1)).Build().Trace(_data, new RandomKey(3));
        Assert.Equal(Exact.LogJoint(model.Trace(_data, new RandomKey(4), guide)), Exact.LogJoint(model.Replay(guide).Trace(_data, new RandomKey(5))));
        // What the trace lacks is drawn.
        var partial = model.Block(z).Trace(_data, new RandomKey(1));
        Assert.NotEqual(Inferences.Numbers(first[z].Value), Inferences.Numbers(model.Replay(partial).Trace(_data, new RandomKey(8))[z].Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ABlockedVariableIsDrawnFromItsPriorForEachParticle(bool vectorized)
    {
        // E over mu ~ N(0, 1) of the ELBO of x ~ N(z, 1) with z ~ N(mu, 1) and q(z) = N(0, 1): KL = mu²/2, likelihood −½(log 2π + 1 + x²).
        var (model, mu, z) = Build();
        var blocked = model.Block(mu);
        var loc = Inferences.Scalar(0);
        var guide = Guide.For(blocked).Sample(z, _ => new Normal(loc.expand(4), 1)).Build();
        using var svi = Inferences.Svi(blocked, guide);
        var expected = Inferences.Numbers(_data).Sum(x => Exact.LogNormalDensity(x, 0, 1) - 0.5 - 0.5);
        var found = Inferences.Mean([.. Enumerable.Range(0, vectorized ? 200 : 40).Select(i => svi.Evaluate(_data, Elbo.MeanField(particles: vectorized ? 50 : 8, vectorized), new RandomKey(7).Fold(i)).Elbo)]);
        Inferences.AssertEstimates(expected, found, "ELBO with a blocked variable");
        Assert.Equal("blocked", blocked.Trace(_data, new RandomKey(1)).Find(mu)!.Role);
    }

    [Fact]
    public void ALambdaThatLosesABlockedVariablesParticlesIsRefused()
    {
        var model = Model.Given<Tensor>("m").Sample("a", new Normal(0, 1), out var a).Sample("b", new Normal(0, 1), out var b)
            .Observe("x", s => new Normal(s[a].mean(), 1), out _).Build();
        var loc = Inferences.Scalar(0);
        foreach (var handled in new[] { model.Block(a), model.Block(a).Decenter(b, out _) })
        {
            var guide = Guide.Program(handled, (p, _) => p.Sample(handled.Declared!.LatentPlates.Keys.Single(), new Normal(loc, 1)));
            using var svi = Inferences.Svi(handled, guide, Elbo.MeanField(particles: 4));
            Assert.Contains("has lost them", Assert.Throws<ModelException>(() => svi.Step(tensor(0f))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ASeedFixesTheModelsDraws()
    {
        var (model, mu, _) = Build();
        var seeded = model.Seed(new RandomKey(3));
        Assert.Equal(seeded.Trace(_data, new RandomKey(1))[mu].Value.ToDouble(), seeded.Trace(_data, new RandomKey(2))[mu].Value.ToDouble());
        Assert.Equal(model.Trace(_data, new RandomKey(3))[mu].Value.ToDouble(), seeded.Trace(_data, new RandomKey(2))[mu].Value.ToDouble());
    }

    [Fact]
    public void AScaledSitesTermIsMultiplied()
    {
        var (model, mu, z) = Build();
        var x = model.Declared!.Sites.OfType<Observed>().Single();
        var loc = Inferences.Scalar(0.2);
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).Sample(z, data => new Normal(data * loc, 1)).Build();
        var plain = Terms(model);
        var scaled = Terms(model.Scale(x, 0.5).Scale(z, 3).Scale(0.1));
        Assert.Equal([0.1, 0.3, 0.05], plain.Zip(scaled).Select(pair => Math.Round(pair.Second / pair.First, 4)));

        double[] Terms(Model<Tensor> handled)
        {
            using var svi = Inferences.Svi(handled, guide);
            return [.. svi.Evaluate(_data, Elbo.MeanField(), new RandomKey(1)).Terms.Select(term => term.Value)];
        }
    }

    [Fact]
    public void AMaskLeavesElementsOutOfALikelihood()
    {
        var (model, _, z) = Build();
        var x = model.Declared!.Sites.OfType<Observed>().Single();
        var mask = tensor(new[] { true, false, true, true });
        var data = tensor(new[] { 0.5f, float.NaN, 2, 0 });
        foreach (var masked in new[] { model.Mask(x, mask), model.Mask(x, d => d.isfinite()) })
        {
            var trace = masked.Trace(data, new RandomKey(1));
            var values = Inferences.Numbers(trace[z].Value);
            var expected = new[] { (0, 0.5), (2, 2.0), (3, 0.0) }.Sum(pair => Exact.LogNormalDensity(pair.Item2, values[pair.Item1], 1));
            Assert.Equal(expected, trace[x].LogProb().sum().ToDouble(), 4);
        }
    }

    [Fact]
    public void AMaskIsOfWholeEventsEvenWhereAnEventIsAsLongAsThePlate()
    {
        var model = Model.Given<Tensor>("m").Plate("rows", total: 3).Observe("x", _ => new Normal(zeros(3, 3), 1), out var x).Build();
        var masked = model.Mask(x, tensor(new[] { true, false, true })).Mask(x, d => d.select(1, 0).gt(-5));
        var data = tensor(new float[,] { { 0, 0, 0 }, { 9, 9, 9 }, { -6, 0, 0 } });
        Assert.Equal([3 * Exact.LogNormalDensity(0, 0, 1), 0, 0], Inferences.Numbers(masked.Trace(data, new RandomKey(1))[x].LogProb()), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void ANumberForADiscreteVariableHasTheTypeOfItsDraws()
    {
        var model = Model.Given<Tensor>("m").Sample("k", Categorical.FromLogits(zeros(3)), out var k).Build();
        var drawn = model.Trace(_data, new RandomKey(1))[k].Value;
        var seen = model.Condition(k, 2).Trace(_data, new RandomKey(1)).Find(k)!.Value;
        Assert.Equal((drawn.dtype, 2L), (seen.dtype, seen.to(ScalarType.Int64).ToInt64()));
    }

    /// <summary>Case B9: a number is held against the support as it was given, not as it is rounded.</summary>
    [Fact]
    public void ANumberThatADiscreteVariableCannotHaveIsRefused()
    {
        var model = Model.Given<Tensor>("m").Sample("k", Categorical.FromLogits(zeros(3)), out var k).Sample("bits", Bernoulli.FromProbs(0.5), out var bits)
            .Sample("counts", Poisson.FromRate(new double[] { 3, 4 }), out var counts).Build();
        foreach (var (site, value, received) in new (Latent, TensorLike, string)[]
        {
            (k, 1.5, "1.5"), (k, -0.4, "-0.4"), (k, 2.7, "2.7"), (k, double.NaN, "NaN"), (bits, 0.5, "0.5"), (counts, 2.5, "2.5"), (counts, new[] { 1, 2.5 }, "2.5"), (counts, new[] { 1f, 2.5f }, "2.5"),
        })
        {
            foreach (var (word, handled) in new (string, Func<Model<Tensor>>)[]
            {
                ("Condition", () => model.Condition(site, value)), ("Substitute", () => model.Substitute(site, value)), ("Intervene", () => model.Intervene(site, value)),
            })
            {
                var message = Assert.Throws<ModelException>(() => handled().Trace(_data, new RandomKey(1))).Message;
                Assert.StartsWith($"{word}('{site}'): ", message, StringComparison.Ordinal);
                Assert.Contains($"received {received}", message, StringComparison.Ordinal);
            }
        }

        Assert.Contains("has no exact number in Float32", Assert.Throws<ModelException>(() => model.Condition(counts, 20_000_001).Trace(_data, new RandomKey(1))).Message, StringComparison.Ordinal);
        Assert.Equal([2, 5], Inferences.Numbers(model.Condition(counts, new double[] { 2, 5 }).Trace(_data, new RandomKey(1)).Find(counts)!.Value));
    }

    [Fact]
    public void AMaskedLatentVariableThatTheGuideMasksTooHasNoTermThere()
    {
        var (model, mu, z) = Build();
        var mask = tensor(new[] { true, false, true, true });
        var loc = Inferences.Scalar(0.2);
        var masked = model.Mask(z, mask).Condition(mu, 0);
        var guide = Guide.For(masked).Sample(z, _ => new Normal(loc.expand(4), 1).Mask(mask)).Build();
        using var svi = Inferences.Svi(masked, guide);
        Assert.Equal(3 * 0.5 * 0.04, svi.Evaluate(_data).Kl, 5);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _data.Dispose();
    }

    private static (Model<Tensor> Model, Latent Mu, Latent Z) Build() => (Model.Given<Tensor>("m").Sample("mu", new Normal(0, 1), out var mu)
        .Plate("rows", total: 4).Sample("z", s => new Normal(s[mu], 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build(), mu, z);
}
