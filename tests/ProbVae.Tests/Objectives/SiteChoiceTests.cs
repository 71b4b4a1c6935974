using ProbVae.Tests.Inference;
using static TorchSharp.torch;

namespace ProbVae.Tests.Objectives;

/// <summary>A site's own choice counts before the objective's, is shown, and is refused where it cannot be had.</summary>
public sealed class SiteChoiceTests
{
    [Fact]
    public void ChoicesDecideTheFormOfATerm()
    {
        using var bits = new BitsModel();
        string How(Elbo elbo, string site)
        {
            using var svi = bits.Svi(elbo);
            return svi.Explain(bits.Data).Sites.Single(row => row.Name == site).How;
        }

        Assert.Equal("KL in closed form", How(Elbo.ScoreFunction(), "z"));
        Assert.Equal("KL by Monte Carlo: SiteChoice.MonteCarloKl was chosen", How(Elbo.ScoreFunction().At(bits.Z, SiteChoice.MonteCarloKl), "z"));
        Assert.Equal("KL in closed form", How(Elbo.Trace().At(bits.Z, SiteChoice.ScoreFunction()).At(bits.Mu, SiteChoice.ClosedFormKl), "mu"));
        Assert.Equal("KL by Monte Carlo: Elbo.Trace asks for Monte Carlo", How(Elbo.Trace().At(bits.Z, SiteChoice.ScoreFunction()), "z"));
        Assert.Equal("KL in closed form; weight in the loss: linear from 0 to 1 in 10 steps", How(Elbo.ScoreFunction().WithKlWeight(KlWeight.Linear(0, 1, 10)), "mu"));
        Assert.Equal("KL in closed form; weight in the loss: 1, 0.5 nats free", How(Elbo.ScoreFunction().WithKlWeight(bits.Mu, KlWeight.FreeBits(0.5)), "mu"));
    }

    [Fact]
    public void ExplainShowsEachGradientAndTheBound()
    {
        using var bits = new BitsModel();
        using var local = new LocalModel();
        (string Formula, string[] Gradients) Of(Svi<Tensor> svi, Tensor data)
        {
            using (svi)
            {
                var explained = svi.Explain(data);
                return (explained.Formula, [.. explained.Sites.Where(site => site.Role == "latent").Select(site => site.Gradient)]);
            }
        }

        Assert.Equal(["pathwise", "score function, no baseline: not reparameterized"], Of(bits.Svi(Elbo.ScoreFunction()), bits.Data).Gradients);
        Assert.Equal(
            ["score function, leave-one-out baseline: chosen", "score function, decaying-average baseline (0.9): not reparameterized"],
            Of(bits.Svi(Elbo.ScoreFunction(2, Baseline.DecayingAverage()).At(bits.Mu, SiteChoice.ScoreFunction(Baseline.LeaveOneOut))), bits.Data).Gradients);
        Assert.Equal(["log q at fixed draws, by their weights", "log q at fixed draws, by their weights"], Of(bits.Svi(Elbo.ReweightedWakeSleep(5)), bits.Data).Gradients);
        Assert.Equal(["pathwise, log q held fixed"], Of(local.Svi(Elbo.StickingTheLanding()), local.Data).Gradients);
        Assert.Equal(["pathwise, doubly reparameterized"], Of(local.Svi(Elbo.Dreg(8)), local.Data).Gradients);
        Assert.Equal(
            "L_8(local) = E_q[ Σ_rows log mean w ], log w = log p(x | z) − log q(z) / p(z)    (8 draws, a weight w for each element of rows)",
            Of(local.Svi(Elbo.Iwae(8)), local.Data).Formula);
        Assert.Equal(
            "L_0.5,4(bits) = E_q[ log mean w^0.5 / 0.5 ], log w = Σ_rows log p(x | mu, z) − log q(mu) / p(mu) − Σ_rows log q(z) / p(z)    (4 draws, one weight w for a whole draw)",
            Of(Svi.For(bits.Model, bits.Frozen, Elbo.Renyi(0.5, 4), Inferences.Still), bits.Data).Formula);
    }

    [Fact]
    public void UnknownSitesAreNamed()
    {
        using var local = new LocalModel();
        var other = new Latent("w");
        using var svi = local.Svi(Elbo.MeanField().WithKlWeight(other, KlWeight.Constant(2)).At(other, SiteChoice.MonteCarloKl));
        Assert.Equal(
            [
                "WithKlWeight('w'): no latent variable of this model and guide is called so; there are z.",
                "At('w'): no latent variable of this model and guide is called so; there are z.",
            ],
            Assert.Throws<ModelException>(() => svi.Step(local.Data)).Problems);
    }

    [Fact]
    public void AClosedFormThatIsNotThereIsRefused()
    {
        using var local = new LocalModel();
        var (a, r) = (local.A, local.R);
        var guide = Guide.For(local.Model).Sample(local.Z, data => new StudentT(5, a, r.exp().expand(data.shape[0]))).Build();
        using var svi = Svi.For(local.Model, guide, Elbo.MeanField().At(local.Z, SiteChoice.ClosedFormKl), Inferences.Still);
        Assert.Equal(
            "At('z'): SiteChoice.ClosedFormKl is not to be had: KL(StudentT ‖ Normal) is not registered. Drop the choice, or take SiteChoice.MonteCarloKl.",
            Assert.Throws<ModelException>(() => svi.Step(local.Data)).Problems.Single());

        using var layers = new TwoLayerModel();
        var first = layers.Model.Trace(layers.Data, new RandomKey(0)).Latents.Last().Handle;
        using var spoiled = layers.Svi(Elbo.MeanField().At(first, SiteChoice.ClosedFormKl));
        Assert.Equal(
            "At('z2'): SiteChoice.ClosedFormKl is not to be had: its prior reads 'z1', which the guide draws from 'z2'. Drop the choice, or take SiteChoice.MonteCarloKl.",
            Assert.Throws<ModelException>(() => spoiled.Step(layers.Data)).Problems.Single());
    }

    [Fact]
    public void BoundsOfSeveralDrawsTakeNoChoices() => Assert.StartsWith(
        "At('z'): Elbo.Iwae(4) treats all sites alike; use Elbo.MeanField, Elbo.Trace, Elbo.ScoreFunction or Elbo.StickingTheLanding for choices of single sites.",
        Assert.Throws<ArgumentException>(() => Elbo.Iwae(4).At(new Latent("z"), SiteChoice.Pathwise)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void ThePathIsRefusedWhereDrawsAreFixed()
    {
        using var bits = new BitsModel();
        using var svi = bits.Svi(Elbo.ScoreFunction().At(bits.Z, SiteChoice.Pathwise));
        Assert.StartsWith("Site 'z': the guide's Bernoulli is not reparameterized", Assert.Throws<ModelException>(() => svi.Step(bits.Data)).Problems.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void WordsLeaveTheOldObjectiveAsItWas()
    {
        using var local = new LocalModel();
        var plain = Elbo.MeanField();
        _ = plain.WithKlWeight(KlWeight.Constant(0)).At(local.Z, SiteChoice.MonteCarloKl);
        using var svi = local.Svi(plain);
        Assert.Equal("KL in closed form", svi.Explain(local.Data).Sites.Single(site => site.Name == "z").How);
    }
}
