using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Models;

/// <summary>Plates: the scale is applied once, axes are the plates' own, and sizes that coincide mean nothing.</summary>
public sealed class PlateTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheMeanOfAllDisjointMinibatchesIsTheElboOfTheFullData(bool closedForm)
    {
        // Delta guides have no noise, so the two agree but for rounding. A global variable must not be scaled, a local one must.
        using var data = arange(0, 12, ScalarType.Float32).mul(0.3).view(12, 1);
        using Parameter slope = Inferences.Scalar(0.7), global = Inferences.Scalar(0.4);
        var model = Model.Given<Tensor>("m").Sample("mu", new Normal(0, 1), out var mu)
            .Plate("points", total: 12)
            .Sample("z", s => new Normal(s[mu], 2), out var z)
            .Observe("y", s => new Normal(s[z].unsqueeze(-1), 0.5).ToEvent(), out _)
            .Build();
        var guide = Guide.For(model).Sample(mu, _ => new Delta(global)).Sample(z, x => new Delta(x.squeeze(-1) * slope)).Build();
        var elbo = closedForm ? Elbo.MeanField() : Elbo.Trace();
        using var svi = Inferences.Svi(model, guide, elbo);

        var full = svi.Evaluate(data);
        var batches = Enumerable.Range(0, 4).Select(i => svi.Evaluate(data.slice(0, i * 3, (i + 1) * 3, 1))).ToList();
        AssertClose(full.Elbo, batches.Average(step => step.Elbo));
        Assert.All(full.Terms, (term, i) => AssertClose(term.Value, batches.Average(step => step.Terms[i].Value)));
        Assert.All(batches, step => AssertClose(full.Terms[0].Value, step.Terms[0].Value));
    }

    [Fact]
    public void NestedSubsamplesMultiplyTheirScales()
    {
        using var loc = Inferences.Scalar(0.3);
        using var data = ones(2, 3);
        var model = Model.Given<Tensor>("m").Sample("mu", new Normal(0, 1), out var mu)
            .Plate("rows", total: 10, x => x.shape[0], axis: -2).Plate("columns", total: 12, x => x.shape[1], axis: -1)
            .Observe("y", s => new Normal(s[mu], 1), out _).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(mu, _ => new Delta(loc)).Build());
        // Every one of the 10 × 12 cells counts log N(1; 0.3, 1).
        AssertClose(120 * ((-0.5 * 0.49) - (0.5 * Math.Log(2 * Math.PI))), svi.Evaluate(data).LogLikelihood);
        var site = Assert.Single(svi.Explain(data).Sites, site => site.Name == "y");
        Assert.Equal(20, site.Scale);
        Assert.Equal("rows (2 of 10), columns (3 of 12)", string.Join(", ", site.Plates));
    }

    [Fact]
    public void TheSmallerLastMinibatchIsScaledByItsOwnSize()
    {
        using var loc = Inferences.Scalar(0.3);
        var model = Model.Given<Tensor>("m").Sample("mu", new Normal(0, 1), out var mu)
            .Plate("points", total: 10).Observe("y", s => new Normal(s[mu], 1), out _).Build();
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(mu, _ => new Delta(loc)).Build());
        var sizes = new[] { 4L, 4, 2, 1 };
        Assert.All(sizes, size => AssertClose(10 * ((-0.5 * 0.49) - (0.5 * Math.Log(2 * Math.PI))), svi.Evaluate(ones(size)).LogLikelihood));
        Assert.All(sizes, size => Assert.True(double.IsFinite(svi.Step(ones(size)).Elbo)));
    }

    [Fact]
    public void APlateInsideAnotherTakesTheNextAxisAndTheAxesCanBeNamed()
    {
        Latent z = new("z"), w = new("w");
        var model = Model.Program<Tensor>("m", (p, _) =>
        {
            using var outer = p.Plate("outer", 2);
            using (p.Plate("inner", 3))
            {
                p.Sample(z, new Normal(0, 1));
            }

            using var left = p.Plate("left", 4, axis: -3);
            p.Sample(w, new Normal(0, 1));
        });
        var trace = model.Trace(tensor(0f), new RandomKey(1));
        Assert.Equal(new Shape([3, 2]), new Shape(trace[z].Value.shape));
        // No plate has the axis −2 here.
        Assert.Equal(new Shape([4, 1, 2]), new Shape(trace[w].Value.shape));
    }

    [Fact]
    public void APlateMayBeEnteredTwiceOneAfterTheOther()
    {
        Latent first = new("first"), second = new("second");
        var model = Model.Program<Tensor>("m", (p, _) =>
        {
            using (p.Plate("points", 8, batch: 2))
            {
                p.Sample(first, new Normal(0, 1));
            }

            using (p.Plate("points", 8, batch: 2))
            {
                p.Sample(second, new Normal(p[first], 1));
            }
        });
        Assert.All(model.Trace(tensor(0f), new RandomKey(1)).Sites, site => Assert.Equal((4.0, new Shape([2])), (site.Scale, site.Distribution.BatchShape)));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(2, 3)]
    public void APriorOfTheOuterPlateBroadcastsOverTheInnerOne(long rows, long columns)
    {
        using Parameter outer = new(zeros(rows, 1)), inner = new(zeros(rows, columns));
        var model = Model.Given<Tensor>("m").Plate("rows", rows, axis: -2).Sample("r", new Normal(0, 1), out var r)
            .Plate("columns", columns, axis: -1).Sample("z", s => new Normal(s[r] + 1, 1), out var z).Build();
        var guide = Guide.For(model).Sample(r, _ => new Delta(outer)).Sample(z, _ => new Normal(inner, 1)).Build();
        using var svi = Inferences.Svi(model, guide);
        using var none = tensor(0f);
        // Each of the rows × columns elements has KL(N(0, 1) ‖ N(1, 1)) = 1/2.
        AssertClose(rows * columns * 0.5, svi.Evaluate(none).Terms.Single(term => term.Site == "z").Value);
    }

    [Fact]
    public void DeclaredPlatesEndWhereTheyAreTold()
    {
        var model = Model.Given<Tensor>("m").Plate("rows", 3).Sample("a", new Normal(0, 1), out var a).EndPlate()
            .Sample("b", new Normal(0, 1), out var b).Plate("columns", 4).Sample("c", s => new Normal(s[b], 1), out var c).Build();
        var trace = model.Trace(tensor(0f), new RandomKey(1));
        Assert.Equal(["(3)", "()", "(4)"], new SiteHandle[] { a, b, c }.Select(site => trace.Find(site)!.Distribution.BatchShape.ToString()));
    }

    [Fact]
    public void AxesBehindThePlatesAreTheEventWhetherOneSaysSoOrNot()
    {
        using var data = rand(6, 4);
        Assert.Equal(Elbo(s => new Normal(s.Data * 0.1, 1)), Elbo(s => new Normal(s.Data * 0.1, 1).ToEvent()));

        double Elbo(Func<Scope<Tensor>, Distribution> likelihood)
        {
            using var loc = Inferences.Scalar(0);
            var model = Model.Given<Tensor>("m").Sample("w", new Normal(0, 1), out var w).Plate("points", 12).Observe("y", likelihood, out var y).Build();
            using var svi = Inferences.Svi(model, Guide.For(model).Sample(w, _ => new Normal(loc, 1)).Build());
            var site = Assert.Single(svi.Explain(data).Sites, site => site.Role == "observed");
            Assert.Equal((new Shape([6]), new Shape([4])), (site.Batch, site.Event));
            return svi.Evaluate(data).Elbo;
        }
    }

    [Theory]
    [InlineData(10, 10, 10, true)]
    [InlineData(10, 10, 10, false)]
    [InlineData(7, 10, 3, true)]
    public void ABatchALatentDimensionAndParticlesOfOneSizeAreNotConfused(long batch, long dimension, int particles, bool vectorized)
    {
        // The guide is a point, so each particle is the same and the exact ELBO known: Σ over batch and dimension of log N(0.5; 0, 1), and the observation's.
        using var net = Inferences.Scalar(0.5);
        var model = Model.Given<Tensor>("m").Plate("points", total: 100)
            .Sample("z", Normal.Standard(dimension), out var z)
            .Observe("y", s => new Normal(s[z].sum(-1), 1), out _).Build();
        var guide = Guide.For(model).Sample(z, x => new Delta((net * ones(x.shape[0], dimension))).ToEvent()).Build();
        using var svi = Inferences.Svi(model, guide, Elbo.MeanField(particles, vectorized));
        var logRoot = 0.5 * Math.Log(2 * Math.PI);
        var step = svi.Evaluate(zeros(batch));
        AssertClose(100 * dimension * ((0.5 * 0.25) + logRoot), step.Kl);
        AssertClose(-100 * ((0.5 * 0.25 * dimension * dimension) + logRoot), step.LogLikelihood);
    }

    [Fact]
    public void ABranchThatOpensAPlateAfterTheFirstStepDoesNotMixParticlesWithIt()
    {
        // The first data come to no plate; the second to one as long as there are particles.
        using var loc = Inferences.Scalar(0.5);
        Latent mu = new("mu");
        Observed y = new("y");
        var model = Model.Program<Tensor>("branch", (p, x) =>
        {
            var value = p.Sample(mu, new Normal(0, 1));
            if (x.dim() == 0)
            {
                p.Observe(y, new Normal(value, 1), x);
                return;
            }

            using var points = p.Plate("points", x.shape[0]);
            p.Observe(y, new Normal(value, 1), x);
        });
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 1)).Build();
        using var data = tensor(new[] { 0f, 3, 6, 9 });
        using Svi<Tensor> late = Inferences.Svi(model, guide, Elbo.MeanField(particles: 4)), fresh = Inferences.Svi(model, guide, Elbo.MeanField(particles: 4));
        late.Evaluate(tensor(0f));
        AssertClose(fresh.Evaluate(data, key: new RandomKey(5)).Elbo, late.Evaluate(data, key: new RandomKey(5)).Elbo);
    }

    /// <summary>A prior handed over as a value is the same for all data: beside a subsampled plate its axes are the event, though they are as long as the plates.</summary>
    [Fact]
    public void AConstantPriorBesideASubsampledPlateHasNoAxisOfThePlates()
    {
        var trace = Model.Given<Tensor>("m").Plate("columns", total: 3, axis: -2).Plate("rows", total: 4, batch: _ => 2).Sample("z", new Normal(zeros(3, 2), 1), out var z).Build()
            .Trace(zeros(3), new RandomKey(1));
        Assert.Equal(new Shape([3, 2]), trace[z].Distribution.EventShape);
        Assert.Equal([3L, 2, 3, 2], trace[z].Value.shape);
    }

    [Fact]
    public void APriorThatLosesItsParticlesIsToldHowManyThereAre()
    {
        var model = Model.Given<Tensor>("m").Sample("w", Normal.Standard(3), out var w).Plate("rows", total: 4).Sample("z", s => new Normal(s[w].sum(), 1), out var z).Build();
        var loc = Inferences.Scalar(0);
        using var svi = Inferences.Svi(model, Guide.For(model).Sample(w, _ => new Normal(loc.expand(3), 1)).Sample(z, _ => new Normal(loc.expand(4), 1)).Build(), Elbo.MeanField(particles: 5));
        Assert.Matches("was made from 'w', whose [0-9]+ particles are its first axis, and has lost them", Assert.Throws<ModelException>(() => svi.Step(zeros(4))).Message);
    }

    // Relative 1e-5: the rounding of float32 sums.
    private static void AssertClose(double expected, double actual) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-5 * Math.Max(1, Math.Abs(expected)), $"Expected {expected:R}, found {actual:R}; bound: relative 1e-5.");
}
