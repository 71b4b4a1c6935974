using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Handlers;

/// <summary>With(site, brings, prior): a prior that samples latent variables of its own.</summary>
public sealed class PriorOfItsOwnTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _data = tensor(new[] { 0.5f, -1, 2 });

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void ItIsTheModelWithTheHyperpriorWrittenIn(int particles)
    {
        var byHand = Model.Given<Tensor>("by hand").Plate("rows", total: 3)
            .Sample("tau", new HalfNormal(2), out var ownTau).Sample("w", s => new Normal(0, s[ownTau]), out var ownW)
            .Observe("x", s => new Normal(s[ownW], 1), out _).Build();
        var plain = Model.Given<Tensor>("plain").Plate("rows", total: 3)
            .Sample("w", new Normal(0, 1), out var w).Observe("x", s => new Normal(s[w], 1), out _).Build();
        var tau = new Latent("tau");
        var swapped = plain.With(w, brings: [tau], run => new Normal(0, run.Sample(tau, new HalfNormal(2))));
        Assert.Equal(Elbo(byHand, ownTau, ownW), Elbo(swapped, tau, w), 1e-5);

        double Elbo(Model<Tensor> model, Latent scale, Latent weight)
        {
            var loc = Inferences.Scalar(0.3);
            var guide = Guide.For(model).Sample(scale, _ => new LogNormal(loc.expand(3), 0.2)).Sample(weight, x => new Normal(0.5 * x, 0.7)).Build();
            using var svi = Svi.For(model, guide, ProbVae.Elbo.MeanField(particles), Inferences.Still, seed: 4);
            return svi.Step(_data).Elbo;
        }
    }

    [Fact]
    public void AnAutomaticGuideCoversWhatItBrings()
    {
        var plain = Model.Given<Tensor>("plain").Sample("w", new Normal(0, 1), out var w).Plate("rows", total: 3).Observe("x", s => new Normal(s[w], 1), out _).Build();
        var tau = new Latent("tau");
        var swapped = plain.With(w, brings: [tau], run => new Normal(0, run.Sample(tau, new HalfNormal(2))));
        using var svi = Inferences.Svi(swapped, Guide.AutoNormal(swapped, _data));
        svi.Step(_data);
        var posterior = svi.Posterior(_data, draws: 10);
        Assert.Equal(["tau", "w"], posterior.Sites.Select(site => site.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ItsParametersAreFound()
    {
        var width = Inferences.Scalar(1);
        var plain = Model.Given<Tensor>("plain").Sample("w", new Normal(0, 1), out var w).Build();
        var tau = new Latent("tau");
        var swapped = plain.With(w, brings: [tau], run => new Normal(0, run.Sample(tau, new HalfNormal(width))));
        Assert.Equal(["width"], TrainableParameters.Of([], swapped).ByName.Keys);
    }

    public void Dispose() => _scope.Dispose();
}
