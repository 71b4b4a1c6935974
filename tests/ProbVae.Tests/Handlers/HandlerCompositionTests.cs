using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Handlers;

/// <summary>Handlers together with each other, with automatic guides and with enumeration.</summary>
public sealed class HandlerCompositionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void TheOrderOfIndependentHandlersDoesNotMatter()
    {
        var (model, mu, z, x) = Build();
        var data = tensor(new[] { 0.5f, 1, -1 });
        var one = model.Condition(mu, 0.3).With(mu, new Normal(1, 2)).Scale(x, 2).Mask(x, tensor(new[] { true, false, true })).Decenter(z, out var raw);
        var other = model.Decenter(z, out var otherRaw).Mask(x, tensor(new[] { true, false, true })).With(mu, new Normal(1, 2)).Scale(x, 2).Condition(mu, 0.3);
        var (first, second) = (one.Trace(data, new RandomKey(1)), other.Trace(data, new RandomKey(1)));
        Assert.Equal(first.ToString(), second.ToString());
        Assert.Equal(Exact.LogJoint(first), Exact.LogJoint(second));
        Assert.Equal(2, first[x].Scale);
        // The swap is of the variable's own prior: the conditioned value is scored under it.
        Assert.Equal(Exact.LogNormalDensity(0.3, 1, 4), first.Find(mu)!.LogProb().ToDouble(), 5);
        Assert.NotEqual(raw, otherRaw);
    }

    [Fact]
    public void TwoSwapsOfOneSiteAreAppliedInTheOrderOfTheCalls()
    {
        var (model, mu, _, _) = Build();
        var widened = model.With(mu, new Normal(1, 1)).With(mu, (_, old) => new Normal(old.Mean + 1, 3));
        var reset = model.With(mu, (_, old) => new Normal(old.Mean + 1, 3)).With(mu, new Normal(1, 1));
        Assert.Equal((2.0, 1.0), (Loc(widened), Loc(reset)));

        double Loc(Model<Tensor> handled) => handled.Trace(zeros(3), new RandomKey(1))[mu].Distribution.Mean.ToDouble();
    }

    [Fact]
    public void AHandledModelsAutomaticGuideCoversWhatIsLeft()
    {
        var (model, mu, z, _) = Build();
        var data = tensor(new[] { 0.5f, 1, -1 });
        Assert.Equal(["z"], Guide.AutoNormal(model.Condition(mu, 0.3), data).Sites.Select(site => site.Handle.Name));
        var decentered = model.Decenter(z, out _);
        var guide = Guide.AutoMultivariateNormal(decentered, data);
        Assert.Equal(["mu", "z_raw"], guide.Sites.Select(site => site.Handle.Name));
        using var svi = Inferences.Svi(decentered, guide, Elbo.Trace(particles: 3));
        Assert.True(double.IsFinite(svi.Step(data).Elbo));
    }

    [Fact]
    public void ALiftedNetworksAutomaticGuideTrains()
    {
        var net = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1));
        var model = Model.Given<(Tensor X, Tensor Y)>("curve").Plate("rows", total: d => d.Y.shape[0])
            .Observe("y", s => new Normal(s.Call(net, s.Data.X).squeeze(-1), 0.3), d => d.Y, out _).Build().Lift(net, _ => new Normal(0, 1), out var weights);
        var x = linspace(-1, 1, 20).unsqueeze(-1);
        var data = (X: x, Y: (3 * x).sin().squeeze(-1));
        using var svi = Svi.For(model, Guide.AutoNormal(model, data), Elbo.MeanField(particles: 4), Inferences.Adam(0.03), seed: 1);
        var before = Inferences.MeanElbo(svi, data, Elbo.MeanField(particles: 16), 8);
        Inferences.Fit(svi, 300, _ => data);
        var after = Inferences.MeanElbo(svi, data, Elbo.MeanField(particles: 16), 8);
        Assert.Equal(4, weights.Count);
        // What was there before is far below; the bound is ten standard errors of the difference.
        Assert.True(after.Mean - before.Mean > 10 * (before.Error + after.Error), $"ELBO {before} before and {after} after 300 steps.");
    }

    [Fact]
    public void AScaledLatentVariableIsRefusedBesideAJointGuide()
    {
        var (model, _, z, _) = Build();
        var data = tensor(new[] { 0.5f, 1, -1 });
        foreach (var (scaled, word) in new[] { (model.Scale(z, 0.5), "Scale('z')"), (model.Scale(0.5), "Scale(factor)") })
        {
            using var svi = Inferences.Svi(scaled, Guide.AutoMultivariateNormal(scaled, data));
            var problem = Assert.Throws<ModelException>(() => svi.Step(data));
            Assert.Equal($"{word}: the guide computes latent variables from 'AutoMultivariateNormal(mu, …)', whose density is that of all of them together, so the KL term of one cannot be scaled; use a guide that samples each latent variable, or scale observations only.", Assert.Single(problem.Problems));
        }

        using var apart = Inferences.Svi(model.Scale(z, 0.5), Guide.AutoNormal(model, data));
        Assert.True(double.IsFinite(apart.Step(data).Elbo));
    }

    [Fact]
    public void HandlersServeAnEnumeratedModel()
    {
        // c ~ Bernoulli(0.3), z | c ~ N(4c, 1), x | z ~ N(z, 1), with z computed from z_raw ~ N(0, 1) and c summed out.
        var model = Model.Given<Tensor>("mixture").Plate("rows", total: 3).Sample("c", _ => Bernoulli.FromProbs(0.3), out var c)
            .Sample("z", s => new Normal(4 * s[c], 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        var data = tensor(new[] { 0.5f, 4, 2 });
        var (loc, decentered) = (Inferences.Scalar(0), model.Decenter(z, out var raw));
        // q(z_raw) = p(z_raw), so the ELBO is Σ E[log Σ_c p(c) N(x; 4c + raw, 1)] over raw ~ N(0, 1), here by the trapezoidal rule.
        var grid = Enumerable.Range(-400, 801).Select(i => 0.02 * i).ToList();
        var expected = Inferences.Numbers(data).Sum(x => grid.Sum(free => 0.02 * Math.Exp(Exact.LogNormalDensity(free, 0, 1))
            * Math.Log((0.7 * Math.Exp(Exact.LogNormalDensity(x, free, 1))) + (0.3 * Math.Exp(Exact.LogNormalDensity(x, 4 + free, 1))))));
        using var svi = Inferences.Svi(decentered, Guide.For(decentered).SumOut(c).Sample(raw, _ => new Normal(loc.expand(3), 1)).Build());
        Inferences.AssertEstimates(expected, Inferences.MeanElbo(svi, data, Elbo.Enumerated(particles: 50), 60), "ELBO of a decentered mixture");
        // Conditioned on c, the other way to know it, the exact posterior gives the exact evidence in every draw.
        var seen = model.Condition(c, tensor(new[] { 0f, 1, 0 }));
        var guide = Guide.For(seen).Sample(z, x => new Normal(((tensor(new[] { 0f, 4, 0 }) + x) / 2) + loc, Math.Sqrt(0.5))).Build();
        var evidence = new[] { (0.5, 0), (4.0, 1), (2.0, 0) }.Sum(pair => Math.Log(pair.Item2 == 1 ? 0.3 : 0.7) + Exact.LogNormalDensity(pair.Item1, 4 * pair.Item2, 2));
        Assert.Equal(evidence, Exact.ElboOf(seen, guide, data, particles: 3), 4);
    }

    public void Dispose() => _scope.Dispose();

    private static (Model<Tensor> Model, Latent Mu, Latent Z, Observed X) Build() => (Model.Given<Tensor>("m").Sample("mu", new Normal(0, 1), out var mu)
        .Plate("rows", total: 3).Sample("z", s => new Normal(s[mu], 1), out var z).Observe("x", s => new Normal(s[z], 1), out var x).Build(), mu, z, x);
}
