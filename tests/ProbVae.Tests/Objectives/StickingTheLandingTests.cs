using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>Sticking the landing leaves out a term of mean zero, and with it all variance at the exact posterior.</summary>
public sealed class StickingTheLandingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void KeepsTheMean(bool vectorized)
    {
        using var local = new LocalModel();
        using var svi = local.Svi(Elbo.StickingTheLanding(4, vectorized));
        var (losses, gradients) = EstimatorRuns.Take(svi, local.Data, local.Parameters, 300);
        Inferences.AssertEstimates(-MultiSampleTests.Bound(0, 1, local.At), Inferences.Mean(losses), "loss");
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(at => -MultiSampleTests.Bound(0, 1, at), local.At), "gradient");
    }

    [Fact]
    public void KeepsItWhereASecondDrawReadsTheFirst()
    {
        using var layers = new TwoLayerModel();
        using var svi = layers.Svi(Elbo.StickingTheLanding(8));
        var (_, gradients) = EstimatorRuns.Take(svi, layers.Data, layers.Parameters, 300);
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(at => -TwoLayerModel.Bound(1, at), layers.At), "two layers");
    }

    [Fact]
    public void HasNoVarianceAtTheExactPosterior()
    {
        // z | x is normal with precision 1 + 1/s² and mean (a + x/s²) / precision.
        using var local = new LocalModel();
        var noise = LocalModel.Deviation * LocalModel.Deviation;
        var precision = 1 + (1 / noise);
        using (no_grad())
        {
            local.B.fill_(1 / noise / precision);
            local.C.fill_(0.3 / precision);
            local.R.fill_(-0.5 * Math.Log(precision));
        }

        double Largest(Elbo elbo)
        {
            using var svi = local.Svi(elbo);
            return EstimatorRuns.Take(svi, local.Data, [local.B, local.C, local.R], 20).Gradients.Max(gradient => gradient.Max(Math.Abs));
        }

        Assert.True(Largest(Elbo.StickingTheLanding()) < 1e-12, "bound: rounding, 1e-12.");
        Assert.True(Largest(Elbo.Trace()) > 0.1, "plain Monte Carlo has variance there.");
    }

    [Fact]
    public void HoldsParametersFixedThatADensityReadsLate()
    {
        // z ~ Normal(0, 1), x | z ~ Normal(z, 1), x = 1: z | x ~ Normal(1/2, √(1/2)), here as a transform whose numbers are read when it is scored.
        var model = Model.Given<Tensor>("late").Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
        using Parameter loc = new(tensor(0.5)), scale = new(tensor(Math.Sqrt(0.5)));
        var guide = Guide.For(model).Sample(z, _ => new TransformedDistribution(new Normal(tensor(0.0), tensor(1.0)), new AffineTransform(loc, scale))).Build();
        foreach (var elbo in new[] { Elbo.StickingTheLanding(2), Elbo.Dreg(2) })
        {
            using var svi = Svi.For(model, guide, elbo, p => optim.SGD(p, 1e-12));
            using var data = tensor(1.0);
            svi.Step(data);
            Assert.True(loc.grad!.abs().ToDouble() < 1e-5 && scale.grad!.abs().ToDouble() < 1e-5, $"{elbo.Word}: gradients {loc.grad} and {scale.grad} at the exact posterior; bound: rounding, 1e-5.");
        }
    }

    [Fact]
    public void RefusesFixedDraws()
    {
        using var bits = new BitsModel();
        using var svi = bits.Svi(Elbo.StickingTheLanding());
        var problem = Assert.Throws<ModelException>(() => svi.Step(bits.Data)).Problems.Single();
        Assert.Equal("Site 'z': the guide's Bernoulli is not reparameterized: its draws carry no gradient to its arguments, so this ELBO cannot train it. Use a reparameterized family, or an estimator that needs none: Elbo.ScoreFunction(), .At(z, SiteChoice.ScoreFunction()) or Elbo.ReweightedWakeSleep(draws), or enumerate it (Bernoulli's arguments may also be held fixed).", problem);
    }
}
