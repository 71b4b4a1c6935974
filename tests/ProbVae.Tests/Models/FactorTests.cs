using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Models;

public sealed class FactorTests
{
    private readonly Tensor _y = tensor(new float[] { 1.2f, 0.7f, 1.9f });

    /// <summary>A likelihood written as a factor is the likelihood, plates, minibatches and particles included.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void ALogDensityAsAFactorIsAnObservation(int particles)
    {
        var observed = Model.Given<Tensor>("model").Sample("mu", new Normal(0, 1), out var mu).Plate("rows", total: 12)
            .Sample("z", s => new Normal(s[mu], 1), out var z).Observe("y", s => new Normal(s[z], 0.5), out _).Build();
        var factored = Model.Given<Tensor>("model").Sample("mu", new Normal(0, 1), out var level).Plate("rows", total: 12)
            .Sample("z", s => new Normal(s[level], 1), out var own).Factor("y", s => LogDensity(s.Data, s[own]), out _).Build();
        var (drawnLevel, drawnOwn, weight) = (new Latent("mu"), new Latent("z"), new Observed("y"));
        var program = Model.Program<Tensor>("model", (p, data) =>
        {
            var drawn = p.Sample(drawnLevel, new Normal(0, 1));
            using var rows = p.Plate("rows", total: 12, batch: data.shape[0]);
            p.Factor(weight, LogDensity(data, p.Sample(drawnOwn, new Normal(drawn, 1))));
        });
        double[] bounds = [Bound(observed, mu, z, particles), Bound(factored, level, own, particles), Bound(program, drawnLevel, drawnOwn, particles)];
        Assert.Equal(bounds[0], bounds[1], 1e-4);
        Assert.Equal(bounds[0], bounds[2], 1e-4);
    }

    [Fact]
    public void AFactorMovesThePosterior()
    {
        using var scope = NewDisposeScope();
        // Normal(0, 1) times exp(−(w − 2)² / 2) is Normal(1, √½) up to its mass.
        var model = Model.Given<Tensor>("pull").Sample("w", new Normal(0, 1), out var w).Factor("near 2", s => -0.5 * (s[w] - 2).square(), out var near).Build();
        using var svi = Svi.For(model, Guide.AutoNormal(model, _y), Elbo.Trace(particles: 16), p => optim.Adam(p, lr: 0.05), seed: 1);
        svi.Fit(_y, steps: 600);
        var row = svi.Posterior(_y, draws: 4000).Summary()["w"];
        Assert.Equal(1, row.Mean, 0.05);
        Assert.Equal(Math.Sqrt(0.5), row.StandardDeviation, 0.05);
        var evidence = Evidence.ByImportance(model, svi.Guide, _y, new RandomKey(1), 2000);
        // log ∫ Normal(w; 0, 1) exp(−(w − 2)² / 2) dw = −1 − ½ log 2.
        Assert.Equal(-1 - (0.5 * Math.Log(2)), evidence.Elements.Single().LogEvidence, 0.02);
        Assert.Contains("Factor", svi.Explain(_y).ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Predictive.Posterior(model, svi.Guide, _y, new RandomKey(2), 3, [near])[near].abs().sum().item<float>());
    }

    [Fact]
    public void AWeightThatIsNotFiniteIsRefused()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("broken").Sample("w", new Normal(0, 1), out var w).Factor("never", s => s[w] * double.NaN, out _).Build();
        Assert.Contains("'never'", Assert.ThrowsAny<ModelException>(() => model.Trace(_y, new RandomKey(1))).Problems[0], StringComparison.Ordinal);
    }

    private static Tensor LogDensity(Tensor y, Tensor mean) => (-0.5 * ((y - mean) / 0.5).square()) - Math.Log(0.5 * Math.Sqrt(2 * Math.PI));

    private double Bound(Model<Tensor> model, Latent mu, Latent z, int particles)
    {
        var loc = new Parameter(tensor(0.4f));
        var guide = Guide.Program(model, (p, data) =>
        {
            p.Sample(mu, new Normal(loc, 0.3));
            using var rows = p.Plate("rows", total: 12, batch: data.shape[0]);
            p.Sample(z, new Normal(data, 0.4));
        });
        using var svi = Svi.For(model, guide, Elbo.Trace(particles: particles), p => optim.SGD(p, 0), seed: 4);
        return svi.Step(_y).Elbo;
    }
}
