using ProbVae.Tests.Inference;

namespace ProbVae.Tests.Objectives;

/// <summary>Doubly reparameterized gradients have the mean of the bound's own gradient, and less variance.</summary>
public sealed class DregTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OfLocalLatents(int draws)
    {
        using var local = new LocalModel();
        using var svi = local.Svi(Elbo.Dreg(draws));
        var (losses, gradients) = EstimatorRuns.Take(svi, local.Data, local.Parameters, 400);
        Inferences.AssertEstimates(-MultiSampleTests.Bound(0, draws, local.At), Inferences.Mean(losses), "loss");
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(at => -MultiSampleTests.Bound(0, draws, at), local.At), $"{draws} draws");
    }

    [Fact]
    public void OfASecondDrawThatReadsTheFirst()
    {
        using var layers = new TwoLayerModel();
        using var svi = layers.Svi(Elbo.Dreg(2));
        var (_, gradients) = EstimatorRuns.Take(svi, layers.Data, layers.Parameters, 600);
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(at => -TwoLayerModel.Bound(2, at), layers.At), "two layers");
    }

    [Fact]
    public void OfAParameterThatModelAndGuideShare()
    {
        using var local = new LocalModel(shared: true);
        using var svi = local.Svi(Elbo.Dreg(2));
        var (_, gradients) = EstimatorRuns.Take(svi, local.Data, [local.A, local.B, local.R], 600);
        var exact = GaussHermite.Gradient(at => -MultiSampleTests.Bound(0, 2, [at[0], at[1], at[0], at[2]]), [local.At[0], local.At[1], local.At[3]]);
        EstimatorRuns.AssertUnbiased(gradients, exact, "shared");
    }

    [Fact]
    public void UnderAWeightOfTheDivergence()
    {
        // log w = log p(x | z) + 0.4 (log p(z) − log q(z)): another bound, whose gradient Iwae has by plain differentiation.
        using var local = new LocalModel();
        double[] Mean(Elbo elbo, out double[] errors)
        {
            using var svi = local.Svi(elbo.WithKlWeight(KlWeight.Constant(0.4)));
            var gradients = EstimatorRuns.Take(svi, local.Data, local.Parameters, 800).Gradients;
            var means = Enumerable.Range(0, 4).Select(i => Inferences.Mean([.. gradients.Select(gradient => gradient[i])])).ToList();
            errors = [.. means.Select(mean => mean.Error)];
            return [.. means.Select(mean => mean.Mean)];
        }

        var (plain, doubly) = (Mean(Elbo.Iwae(3), out var plainErrors), Mean(Elbo.Dreg(3), out var doublyErrors));
        for (var i = 0; i < 4; i++)
        {
            Assert.True(Math.Abs(plain[i] - doubly[i]) < 4 * (plainErrors[i] + doublyErrors[i]), $"parameter {i}: {plain[i]} ± {plainErrors[i]} and {doubly[i]} ± {doublyErrors[i]}; bound: 4 standard errors.");
        }
    }

    [Fact]
    public void VaryLessThanThoseOfIwae()
    {
        using var local = new LocalModel();
        double Variance(Elbo elbo)
        {
            using var svi = local.Svi(elbo);
            return EstimatorRuns.Variance(EstimatorRuns.Take(svi, local.Data, [local.B, local.C, local.R], 300).Gradients);
        }

        var (iwae, dreg) = (Variance(Elbo.Iwae(16)), Variance(Elbo.Dreg(16)));
        Assert.True(dreg < 0.5 * iwae, $"variance {dreg} against {iwae}; bound: half.");
    }

    [Fact]
    public void DifferentWeightsAreRefused()
    {
        using var layers = new TwoLayerModel();
        var site = layers.Guide.Trace(layers.Data, new RandomKey(0)).Latents.First().Handle;
        using var svi = layers.Svi(Elbo.Dreg(2).WithKlWeight(site, KlWeight.Constant(0.5)));
        Assert.StartsWith("Elbo.Dreg(2): the latent variables' KL terms have different weights", Assert.Throws<ModelException>(() => svi.Step(layers.Data)).Message, StringComparison.Ordinal);
    }
}
