using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Handlers;

/// <summary>
/// Condition and Intervene on a confounded network: u ~ N(0, 1), t ~ N(u, 1), y ~ N(t + 2u, 1). Seeing t tells of u, setting it does not,
/// so p(y | t) and p(y | do(t)) differ, and both are known (Pearl 2009).
/// </summary>
public sealed class CausalTests
{
    private const double T = 1, Y = 2.5;

    public static TheoryData<bool, int> Cases => new() { { false, 1 }, { false, 6 }, { true, 1 }, { true, 6 } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void ConditioningScoresTheValueAndTellsOfItsCauses(bool program, int particles)
    {
        using var scope = NewDisposeScope();
        var (model, u, t) = Build(program);
        // p(u | t, y) has precision 1 + 1 + 4; p(t, y) = N(t; 0, 2) N(y; 2t, 3).
        var evidence = Exact.LogNormalDensity(T, 0, 2) + Exact.LogNormalDensity(Y, 2 * T, 3);
        var seen = model.Condition(t, T);
        Assert.Equal(evidence, Exact.ElboOf(seen, Posterior(seen, u, (T + (2 * (Y - T))) / 6, 6), tensor((float)Y), particles), 4);
        var looped = Exact.ElboOf(seen, Posterior(seen, u, (T + (2 * (Y - T))) / 6, 6), tensor((float)Y), particles, vectorized: false);
        Assert.Equal(evidence, looped, 4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void InterveningScoresNothingAndTellsNothingOfTheCauses(bool program, int particles)
    {
        using var scope = NewDisposeScope();
        var (model, u, t) = Build(program);
        // p(u | y, do(t)) has precision 1 + 4; p(y | do(t)) = N(y; t, 5).
        var set = model.Intervene(t, T);
        Assert.Equal(Exact.LogNormalDensity(Y, T, 5), Exact.ElboOf(set, Posterior(set, u, 2 * (Y - T) / 5, 5), tensor((float)Y), particles), 4);
    }

    [Fact]
    public void ALearntEffectIsTheKnownOneAndNotTheRegressionSlope()
    {
        // Without y: E[y | t = 1] = 1 + 2 · ½, E[y | do(t = 1)] = 1, learnt through q(u) alone.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("network").Sample("u", new Normal(0, 1), out var u).Sample("t", s => new Normal(s[u], 1), out var t)
            .Deterministic("effect", s => s[t] + (2 * s[u]), out var effect).Build();
        Assert.Equal(2, Learnt(model.Condition(t, T)), 2);
        Assert.Equal(1, Learnt(model.Intervene(t, T)), 2);

        double Learnt(Model<Tensor> handled)
        {
            var (loc, logScale) = (Inferences.Scalar(0.8), Inferences.Scalar(0));
            var guide = Guide.For(handled).Sample(u, _ => new Normal(loc, logScale.exp())).Build();
            using var svi = Svi.For(handled, guide, Elbo.MeanField(particles: 16), Inferences.Adam(0.05));
            Inferences.Fit(svi, 400, _ => tensor(0f));
            // The effect at the guide's mean; the effect is linear in u.
            var trace = handled.Replay(Guide.For(handled).Sample(u, _ => new Delta(loc)).Build().Trace(tensor(0f), new RandomKey(0))).Trace(tensor(0f), new RandomKey(0));
            return trace.Find(effect)!.Value.ToDouble();
        }
    }

    [Fact]
    public void AConditionedValueMayComeFromTheDataAndStandInPlates()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<(Tensor Z, Tensor X)>("m").Sample("mu", new Normal(0, 1), out var mu)
            .Plate("rows", total: 8, batch: d => d.X.shape[0])
            .Sample("z", s => new Normal(s[mu], 1), out var z).Observe("x", s => new Normal(s[z], 2), d => d.X, out _).Build().Condition(z, d => d.Z);
        var data = (Z: tensor(new[] { 0.5f, -1, 2, 0 }), X: tensor(new[] { 1f, 0, 0, 1 }));
        var loc = Inferences.Scalar(0.3);
        var guide = Guide.For(model).Sample(mu, _ => new Normal(loc, 0.5)).Build();
        // E_q Σ_n [log N(zₙ; mu, 1)] is (exact at the mean) − N · ½ · Var q; both plates' sites stand for 8 elements.
        var zs = Inferences.Numbers(data.Z);
        var expected = 2 * (zs.Sum(value => Exact.LogNormalDensity(value, 0.3, 1)) - (4 * 0.5 * 0.25)
                + zs.Zip(Inferences.Numbers(data.X)).Sum(pair => Exact.LogNormalDensity(pair.Second, pair.First, 4)))
            - (-Math.Log(0.5) + (0.5 * (0.25 + 0.09)) - 0.5);
        using var svi = Inferences.Svi(model, guide);
        // The standard error of 20,000 draws of a quadratic of that size is below 0.05; bound 0.2.
        Assert.Equal(expected, svi.Evaluate(data, Elbo.MeanField(particles: 20_000), new RandomKey(3)).Elbo, 0.2);
        Assert.Equal("observed", model.Trace(data, new RandomKey(1)).Find(z)!.Role);
    }

    [Fact]
    public void TheModelThatWasHandledIsWhatItWas()
    {
        using var scope = NewDisposeScope();
        var (model, _, t) = Build(program: false);
        var before = model.Trace(tensor(2f), new RandomKey(1));
        _ = (model.Condition(t, T), model.Intervene(t, T), model.Block(t), model.Decenter(t, out _), model.Scale(t, 2), model.Seed(new RandomKey(9)), model.Substitute(t, 3));
        var after = model.Trace(tensor(2f), new RandomKey(1));
        Assert.Equal(before.ToString(), after.ToString());
        Assert.Equal(before.Sites.Select(site => site.Value.ToDouble()), after.Sites.Select(site => site.Value.ToDouble()));
        Assert.Equal(before.Sites.Select(site => site.Scale), after.Sites.Select(site => site.Scale));
    }

    private static Guide<Tensor> Posterior(Model<Tensor> model, Latent u, double mean, double precision)
    {
        var loc = Inferences.Scalar(mean);
        return Guide.For(model).Sample(u, _ => new Normal(loc, 1 / Math.Sqrt(precision))).Build();
    }

    private static (Model<Tensor> Model, Latent U, Latent T) Build(bool program)
    {
        if (!program)
        {
            return (Model.Given<Tensor>("network").Sample("u", new Normal(0, 1), out var cause).Sample("t", s => new Normal(s[cause], 1), out var treatment)
                .Observe("y", s => new Normal(s[treatment] + (2 * s[cause]), 1), out _).Build(), cause, treatment);
        }

        var (u, t, y) = (new Latent("u"), new Latent("t"), new Observed("y"));
        return (Model.Program<Tensor>("network", (p, data) =>
        {
            var cause = p.Sample(u, new Normal(0, 1));
            var treatment = p.Sample(t, new Normal(cause, 1));
            p.Observe(y, new Normal(treatment + (2 * cause), 1), data);
        }), u, t);
    }
}
