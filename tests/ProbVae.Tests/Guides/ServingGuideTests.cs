using ProbVae.Tests.Handlers;
using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Guides;

/// <summary>
/// A guide beside a model that knows the values of some variables which the guide samples: u ~ N(0, 1), t ~ N(u, 1), y ~ N(t + 2u, 1).
/// Given t and y, u has precision 6; given y and do(t), 5.
/// </summary>
public sealed class ServingGuideTests : IDisposable
{
    private const double T = 1, Y = 2.5;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _data = tensor((float)Y);
    private readonly Model<Tensor> _model;
    private readonly Latent _u;
    private readonly Latent _t;
    private readonly Parameter _unused = Inferences.Scalar(7);

    public ServingGuideTests() => _model = Model.Given<Tensor>("network").Sample("u", new Normal(0, 1), out _u).Sample("t", s => new Normal(s[_u!], 1), out _t)
        .Observe("y", s => new Normal(s[_t!] + (2 * s[_u!]), 1), out _).Build();

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void AConditionedSiteIsLeftOutAndReadAtItsValue(int particles)
    {
        // u's exact posterior, written so that it reads t: right only where it reads the value that was seen.
        var guide = Guide.Program(_model, (run, y) =>
        {
            var t = run.Sample(_t, new Normal(_unused, 1));
            run.Sample(_u, new Normal((t + (2 * (y - t))) / 6, Math.Sqrt(1.0 / 6)));
        });
        var evidence = Exact.LogNormalDensity(T, 0, 2) + Exact.LogNormalDensity(Y, 2 * T, 3);
        Assert.Equal(evidence, Exact.ElboOf(_model.Condition(_t, T), guide, _data, particles), 4);
        Assert.Equal(evidence, Exact.ElboOf(_model.Condition(_t, T), guide, _data, particles, vectorized: false), 4);
    }

    [Fact]
    public void AnIntervenedSiteIsLeftOutToo()
    {
        var guide = Guide.Program(_model, (run, y) =>
        {
            var t = run.Sample(_t, new Normal(_unused, 1));
            run.Sample(_u, new Normal(2 * (y - t) / 5, Math.Sqrt(1.0 / 5)));
        });
        Assert.Equal(Exact.LogNormalDensity(Y, T, 5), Exact.ElboOf(_model.Intervene(_t, T), guide, _data, 3), 4);
    }

    [Fact]
    public void OneAutomaticGuideServesTheModelAndWhatIsMadeOfIt()
    {
        var guide = Guide.AutoNormal(_model, _data);
        using var svi = Svi.For(_model.Condition(_t, T), guide, Elbo.MeanField(particles: 16), Inferences.Adam(0.05), seed: 1);
        Assert.Same(guide, svi.Guide);
        Inferences.Fit(svi, 300, _ => _data);
        var posterior = svi.Posterior(_data, draws: 4000);
        // (T + 2 (Y − T)) / 6, within the error of 4,000 draws (4 · 0.41 / 63) and of the fit.
        Assert.Equal(2.0 / 3, posterior[_u].mean().ToDouble(), 0.05);
        Assert.Equal([_u], posterior.Sites);
    }

    [Fact]
    public void WhatComesAfterTheFitTakesTheValuesToo()
    {
        var guide = Guide.Program(_model, (run, y) =>
        {
            var t = run.Sample(_t, new Normal(0, 1));
            run.Sample(_u, new Normal((t + (2 * (y - t))) / 6, Math.Sqrt(1.0 / 6)));
        });
        var seen = _model.Condition(_t, T);
        var exact = Exact.LogNormalDensity(T, 0, 2) + Exact.LogNormalDensity(Y, 2 * T, 3);
        Assert.Equal(exact, Evidence.ByImportance(seen, guide, _data, new RandomKey(1), draws: 50).LogEvidence, 4);
        using var predicted = Predictive.Posterior(seen, guide, _data, new RandomKey(2), draws: 20, [_t, _u]);
        Assert.Equal(0, (predicted[_t] - T).abs().max().ToDouble());
    }

    [Fact]
    public void AJointGuideCannotLeaveAVariableOut()
    {
        var guide = Guide.AutoMultivariateNormal(_model, _data);
        using var svi = Inferences.Svi(_model.Condition(_t, T), guide, Elbo.Trace());
        Assert.Contains(
            "Condition('t'): the guide computes that variable together with others from '",
            Assert.Throws<ModelException>(() => svi.Step(_data)).Message,
            StringComparison.Ordinal);
    }

    public void Dispose() => _scope.Dispose();
}
