using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Models;

/// <summary>The program form says what the fluent form says, and loops and branches besides.</summary>
public sealed class ProgramFormTests
{
    private static readonly float[] Walk = [0.5f, 1.3f, 0.9f, 2.2f, 3.1f];

    [Theory]
    [InlineData(1, true)]
    [InlineData(4, true)]
    [InlineData(4, false)]
    public void BothFormsOfOneModelTakeTheSameStepsBitForBit(int particles, bool vectorized)
    {
        using SmallVae fluent = new(), program = new(program: true);
        var elbo = Elbo.MeanField(particles, vectorized);
        using Svi<Tensor> first = fluent.Svi(elbo: elbo), second = program.Svi(elbo: elbo);
        using var batch = fluent.Batch(0);
        for (var step = 0; step < 5; step++)
        {
            Assert.Equal(first.Step(batch).Terms, second.Step(batch).Terms);
        }

        Assert.Equal(first.Explain(batch).ToString().Replace("| z", "| …", StringComparison.Ordinal), second.Explain(batch).ToString().Replace("p(z | …)", "p(z)", StringComparison.Ordinal).Replace("q(z | …)", "q(z)", StringComparison.Ordinal));
    }

    [Fact]
    public void ARandomWalkInALoopReachesTheKalmanFiltersEvidence()
    {
        // z_t ~ N(z_{t−1}, 1), y_t ~ N(z_t, 0.5). The exact posterior is Markov, so q(z_t | z_{t−1}) = N(shift_t + slope_t z_{t−1}, scale_t) contains it.
        Latent z = new("z");
        Observed y = new("y");
        var model = Model.Program<float[]>("walk", (p, ys) =>
        {
            var previous = zeros([]);
            for (var t = 0; t < ys.Length; t++)
            {
                previous = p.Sample(z[t], new Normal(previous, 1));
                p.Observe(y[t], new Normal(previous, 0.5), tensor(ys[t]));
            }
        });
        var (precisions, means) = Smoother(Walk);
        using Parameter shifts = new(tensor(means, ScalarType.Float32)), slopes = new(tensor(precisions, ScalarType.Float32).reciprocal());
        using Parameter scales = new(tensor(precisions, ScalarType.Float32).rsqrt());
        var guide = Guide.Program(model, (p, ys) =>
        {
            var previous = zeros([]);
            for (var t = 0; t < ys.Length; t++)
            {
                previous = p.Sample(z[t], new Normal(shifts[t] + (slopes[t] * previous), scales[t]));
            }
        });

        using var svi = Inferences.Svi(model, guide, Elbo.Trace(particles: 16));
        var evidence = KalmanLogEvidence(Walk);
        // At the exact posterior log p(x, z) − log q(z) is log p(x) whatever z is drawn; 1e-4 is float32's rounding.
        for (var draw = 0; draw < 10; draw++)
        {
            Assert.Equal(evidence, svi.Evaluate(Walk, Elbo.Trace(), new RandomKey(9).Fold(draw)).Elbo, 1e-4);
        }

        Assert.Equal(["z[0]", "y[0]", "z[1]", "y[1]", "z[2]", "y[2]", "z[3]", "y[3]", "z[4]", "y[4]"], svi.Evaluate(Walk).Terms.Select(term => term.Site));

        // Shifted means lower the ELBO by KL = Σ 0.3² precision / 2, and steps bring it back.
        using (no_grad())
        {
            shifts.add_(0.3);
        }

        var shifted = evidence - (0.045 * precisions.Sum());
        Inferences.AssertEstimates(shifted, Inferences.MeanElbo(svi, Walk, Elbo.Trace(particles: 100), 40), "ELBO of shifted means");
        Inferences.AssertEstimates(shifted, Inferences.MeanElbo(svi, Walk, Elbo.MeanField(particles: 100), 40), "ELBO of shifted means in closed form");
        Inferences.Fit(svi, 150, _ => Walk);
        var fitted = svi.Evaluate(Walk, Elbo.Trace(particles: 2000)).Elbo;
        Assert.InRange(fitted, evidence - 0.1, evidence + 0.01);
    }

    [Fact]
    public void AnIndexedHandleIsTheSameSiteWhereverItIsWritten()
    {
        Latent z = new("z");
        Assert.Equal(z[3], z[3]);
        Assert.Equal(z[3].GetHashCode(), z[3].GetHashCode());
        Assert.NotEqual(z[3], z[4]);
        Assert.NotEqual(z[3], new Latent("z")[3]);
        Assert.NotEqual(z, z[3]);
        Assert.Equal("z[3]", z[3].Name);
        Assert.Equal(z[1][2], z[1][2]);
        Assert.NotEqual(z[1][2], z[2][2]);
    }

    [Fact]
    public void ABranchOnDataTakesItsOwnSites()
    {
        Latent a = new("a"), b = new("b");
        Observed y = new("y");
        using var loc = Inferences.Scalar(0.5);
        var model = Model.Program<double>("branch", (p, x) =>
        {
            var latent = x > 0 ? p.Sample(a, new Normal(0, 1)) : p.Sample(b, new Normal(3, 2));
            p.Observe(y, new Normal(latent, 1), tensor((float)x));
        });
        var guide = Guide.Program(model, (p, x) => p.Sample(x > 0 ? a : b, new Normal(loc, 1)));
        using var svi = Inferences.Svi(model, guide, Elbo.MeanField(particles: 3));
        Assert.Equal(0.125, svi.Step(1.0).Terms.Single(term => term.Site == "a").Value, 5);
        var step = svi.Evaluate(-1.0);
        Assert.Equal(["b", "y"], step.Terms.Select(term => term.Site));
        var mean = loc.ToDouble();
        Assert.Equal(Math.Log(2) + ((1 + ((mean - 3) * (mean - 3))) / 8) - 0.5, step.Kl, 4);
    }

    [Fact]
    public void ALoopOverVectorsWithParticlesKeepsTheirEvents()
    {
        // Three steps of a walk of vectors of four with four particles: sizes coincide.
        Latent z = new("z");
        using var loc = new Parameter(ones(4));
        var model = Model.Program<Tensor>("walk", (p, _) =>
        {
            var previous = p.Sample(z[0], Normal.Standard(4));
            for (var t = 1; t < 3; t++)
            {
                previous = p.Sample(z[t], new Normal(previous, 1).ToEvent());
            }
        });
        var guide = Guide.Program(model, (p, _) =>
        {
            for (var t = 0; t < 3; t++)
            {
                p.Sample(z[t], new Normal(loc, 1e-6).ToEvent());
            }
        });
        using var svi = Inferences.Svi(model, guide, Elbo.Trace(particles: 4));
        using var none = tensor(0f);
        // The points are all but fixed at one: log q cancels but for its own spread, so only log p(z) is compared.
        var trace = model.Trace(none, new RandomKey(1), guide.Trace(none, new RandomKey(1)));
        Assert.All(trace.Latents, site => Assert.Equal((Shape.Scalar, new Shape([4])), (site.Distribution.BatchShape, site.Distribution.EventShape)));
        var expected = (-0.5 * 4) - (12 * 0.5 * Math.Log(2 * Math.PI));
        var entropy = 12 * 0.5 * Math.Log(2 * Math.PI * 1e-12);
        // −KL = log p + entropy, whose spread is the mean of 48 squared normal draws over two: 6 ± 4 standard errors of 12/2 × √(2/48).
        Assert.InRange(svi.Evaluate(none).Elbo - expected - entropy, 6 - 4.9, 6 + 4.9);
    }

    // The exact q(z_t | z_{t−1}, y_t ...): its precision and the part of its mean that is not z_{t−1} / precision, from the last to the first.
    private static (double[] Precisions, double[] Means) Smoother(float[] ys)
    {
        var (precisions, means) = (new double[ys.Length], new double[ys.Length]);
        var (lambda, eta) = (0.0, 0.0);
        for (var t = ys.Length - 1; t >= 0; t--)
        {
            (lambda, eta) = (lambda + 4, eta + (4 * ys[t]));
            precisions[t] = 1 + lambda;
            means[t] = eta / precisions[t];
            (lambda, eta) = (1 - (1 / precisions[t]), means[t]);
        }

        return (precisions, means);
    }

    private static double KalmanLogEvidence(float[] ys)
    {
        var (mean, variance, log) = (0.0, 0.0, 0.0);
        foreach (var y in ys)
        {
            variance += 1;
            var innovation = variance + 0.25;
            log -= 0.5 * (Math.Log(2 * Math.PI * innovation) + ((y - mean) * (y - mean) / innovation));
            (mean, variance) = (mean + (variance / innovation * (y - mean)), variance * 0.25 / innovation);
        }

        return log;
    }
}
