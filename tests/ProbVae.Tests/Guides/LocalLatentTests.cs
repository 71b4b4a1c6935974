using static ProbVae.Tests.Inference.Inferences;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace ProbVae.Tests.Guides;

/// <summary>Latent variables of single elements under automatic guides: rows of a minibatch, plates of programs, particles.</summary>
public sealed class LocalLatentTests
{
    private const int N = 12;
    private static readonly double[] Y = [.. Enumerable.Range(0, N).Select(i => Math.Sin(i) * 2)];

    private sealed record Batch(Tensor Y, Rows Rows);

    [Fact]
    public void EachRowGetsItsPosteriorFromMinibatches()
    {
        using var scope = NewDisposeScope();
        var (model, _) = Locals();
        using var svi = Svi.For(model, Guide.AutoNormal(model, Take(0)), Elbo.MeanField(particles: 4), Adam(0.05));
        Fit(svi, 900, Take);

        // z ~ Normal(0, 1), y ~ Normal(z, 0.5): the posterior has mean y / 1.25 and variance 0.2.
        var (loc, scale) = (Numbers(svi.Parameters.ByName["z.loc"]), Numbers(svi.Parameters.ByName["z.logScale"].exp()));
        for (var i = 0; i < N; i++)
        {
            Assert.True(Math.Abs(loc[i] - (Y[i] / 1.25)) < 0.08 && Math.Abs(scale[i] - Math.Sqrt(0.2)) < 0.05, $"row {i}: {loc[i]:F3} ± {scale[i]:F3}, exact {Y[i] / 1.25:F3} ± {Math.Sqrt(0.2):F3}; bounds 0.08 and 0.05.");
        }
    }

    [Theory]
    [InlineData("AutoNormal")]
    [InlineData("AutoStructured")]
    public void AStepChangesTheRowsOfItsMinibatchAlone(string family)
    {
        using var scope = NewDisposeScope();
        var (model, _) = Locals();
        Guide<Batch> guide = family == "AutoNormal" ? Guide.AutoNormal(model, Take(0)) : Guide.AutoStructured(model, Take(0));
        using var svi = Svi.For(model, guide, Elbo.Trace(), parameters => SGD(parameters, learningRate: 0.01));
        var before = Numbers(svi.Parameters.ByName["z.loc"]);
        svi.Step(Take(1));
        var after = Numbers(svi.Parameters.ByName["z.loc"]);
        var changed = Enumerable.Range(0, N).Where(i => before[i] != after[i]).Select(i => (long)i);
        Assert.Equal(Take(1).Rows.Indices.Order(), changed);
    }

    [Fact]
    public void ASmallerLastBatchIsTaken()
    {
        using var scope = NewDisposeScope();
        var (model, _) = Locals();
        using var svi = Svi(model, Guide.AutoNormal(model, Take(0)));
        svi.Step(Take(0));
        var rows = new Rows([3, 7]);
        Assert.True(double.IsFinite(svi.Step(new(rows.Of(All()), rows)).Elbo));
    }

    [Fact]
    public void AJointGuideIsUnbiasedOverMinibatches()
    {
        // The ELBO of the whole data is the mean of those of a partition of it, each scaled to the whole: exactly so without draws.
        using var scope = NewDisposeScope();
        var (model, _) = Locals();
        using var svi = Svi(model, Guide.AutoMultivariateNormal(model, Take(0), InitTo.Feasible, scale: 1e-6), Elbo.Trace());
        double Elbo_(long[] rows) => svi.Evaluate(new(new Rows(rows).Of(All()), new Rows(rows)), key: new RandomKey(3)).Elbo;
        var whole = Elbo_([.. Enumerable.Range(0, N).Select(i => (long)i)]);
        var parts = new[] { Elbo_([0, 1, 2, 3]), Elbo_([4, 5, 6, 7]), Elbo_([8, 9, 10, 11]) };
        Assert.True(Math.Abs(whole - parts.Average()) < 1e-3 * Math.Abs(whole), $"whole {whole}, parts {string.Join(", ", parts)}; bound 0.1 %.");
    }

    [Fact]
    public void APlateWithoutRowsIsRefusedWithAWayOut()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("locals")
            .Plate("rows", total: N)
            .Sample("z", s => new Normal(zeros(s.Data.shape[0]), 1), out var z)
            .Observe("y", s => new Normal(s[z], 0.5), out _)
            .Build();
        var error = Assert.Throws<ModelException>(() => Guide.AutoNormal(model, All().narrow(0, 0, 4)));
        Assert.Equal(
            ["Site 'z' stands in plate rows (4 of 12), which does not say which of its elements a minibatch holds, so an automatic guide cannot keep parameters for each of them. Give the plate rows: data => data.Rows, or write an amortized guide for the site and join it to the others with Guide.Compose."],
            error.Problems);

        // Made from all the data, it refuses the first run that sees a part.
        var guide = Guide.AutoNormal(model, All());
        Assert.Contains("which does not say which of its elements", Assert.Throws<ModelException>(() => guide.Trace(All().narrow(0, 0, 4), new RandomKey(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DataOfAnotherSizeIsRefused()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("locals")
            .Plate("rows", data => data.shape[0])
            .Sample("z", s => new Normal(zeros(s.Data.shape[0]), 1), out var z)
            .Observe("y", s => new Normal(s[z], 0.5), out _)
            .Build();
        var guide = Guide.AutoNormal(model, All());
        var error = Assert.Throws<ModelException>(() => guide.Trace(All().narrow(0, 0, 4), new RandomKey(1)));
        Assert.Equal("Site 'z': plate 'rows' has a total of 4 in this run, and the automatic guide keeps parameters for 12; make the guide from data of this size, or write an amortized guide for the site.", error.Message);
    }

    [Fact]
    public void AProgramsRowsAreItsOwn()
    {
        using var scope = NewDisposeScope();
        Latent mu = new("mu"), z = new("z");
        var y = new Observed("y");
        var model = Model.Program<Batch>("program", (run, data) =>
        {
            var centre = run.Sample(mu, new Normal(0, 1));
            using (run.Plate("rows", N, data.Rows))
            {
                run.Observe(y, new Normal(run.Sample(z, new Normal(centre, 1)), 0.5), data.Y);
            }
        });
        var guide = Guide.AutoNormal(model, Take(0));
        using var svi = Svi.For(model, guide, Elbo.MeanField(), parameters => SGD(parameters, learningRate: 0.01));
        var before = Numbers(svi.Parameters.ByName["z.loc"]);
        svi.Step(Take(2));
        var after = Numbers(svi.Parameters.ByName["z.loc"]);
        Assert.Equal(Take(2).Rows.Indices.Order(), Enumerable.Range(0, N).Where(i => before[i] != after[i]).Select(i => (long)i));
        Assert.Equal(4, guide.Median(Take(5))[z].shape[0]);
    }

    [Theory]
    [InlineData("AutoNormal")]
    [InlineData("AutoMultivariateNormal")]
    [InlineData("AutoStructured")]
    public void ParticlesAlongAnAxisAreThoseOneByOneInExpectation(string family)
    {
        using var scope = NewDisposeScope();
        var (model, _) = Locals();
        Guide<Batch> guide = family switch
        {
            "AutoNormal" => Guide.AutoNormal(model, Take(0), scale: 0.5),
            "AutoStructured" => Guide.AutoStructured(model, Take(0), scale: 0.5),
            _ => Guide.AutoMultivariateNormal(model, Take(0), scale: 0.5),
        };
        using var svi = Svi(model, guide);
        var batch = Take(3);
        var (axis, single) = (MeanElbo(svi, batch, Elbo.Trace(particles: 200), 10), MeanElbo(svi, batch, Elbo.Trace(), 400));
        var bound = 4 * Math.Sqrt((axis.Error * axis.Error) + (single.Error * single.Error));
        Assert.True(Math.Abs(axis.Mean - single.Mean) <= bound, $"{axis.Mean:F3} along an axis, {single.Mean:F3} one by one; bound {bound:F3}, 4 standard errors.");
    }

    private static Tensor All() => tensor(Y, ScalarType.Float32);

    private static Batch Take(int step)
    {
        var rows = Rows.Draw(N, 4, new RandomKey(9).Fold(step));
        return new(rows.Of(All()), rows);
    }

    private static (Model<Batch> Model, Latent Z) Locals() => (Model.Given<Batch>("locals")
        .Plate("rows", total: N, rows: data => data.Rows)
        .Sample("z", s => new Normal(zeros(s.Data.Rows.Count), 1), out var z)
        .Observe("y", s => new Normal(s[z], 0.5), data => data.Y, out _)
        .Build(), z);
}
