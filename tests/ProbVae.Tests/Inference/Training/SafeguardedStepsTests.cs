using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Case C8: natural gradients where draws far out tell nothing of the way back.</summary>
public sealed class SafeguardedStepsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Garch11StaysWhereThePosteriorIs(long seed)
    {
        // Returns of a GARCH(1, 1) process (Bollerslev 1986) of its own, 80 of them: μ = 5, α₀ = 1.5, α₁ = 0.5, β₁ = 0.2. Flat priors, as in posteriordb.
        using var scope = NewDisposeScope();
        var model = Garch(out _);
        var data = Returns(80);
        using var svi = Svi.For(model, Guide.AutoMultivariateNormal(model, data, seed: seed), Elbo.StickingTheLanding(16), NaturalGradient.Descent(rate: 0.5), seed);
        for (var step = 0; step < 250; step++)
        {
            svi.Step(data);
            Assert.True(svi.Parameters.ByName["joint.loc"].abs().max().ToDouble() < 15, $"step {step}: {string.Join(", ", Inferences.Numbers(svi.Parameters.ByName["joint.loc"]))}");
        }
    }

    [Fact]
    public void NoScaleGrowsByMoreThanAFlatDensityAsksFor()
    {
        // log p(z) = z²/2 bends upwards: a scale that follows its gradient grows without bound.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("saddle").Sample("z", new ImproperUniform(Support.Real, [2], float64), out var z)
            .Observe("y", s => new Normal(0, s[z].square().mul(-0.5).exp().sum(-1)), out _).Build();
        foreach (var joint in new[] { true, false })
        {
            var y = tensor(0.0);
            Guide<Tensor> guide = joint ? Guide.AutoMultivariateNormal(model, y, scale: 1) : Guide.AutoNormal(model, y, scale: 1);
            using var svi = Svi.For(model, guide, Elbo.Trace(8), NaturalGradient.Descent(rate: 0.5), seed: 1);
            var scales = svi.Parameters.ByName.Single(entry => entry.Key.EndsWith(".logScale", StringComparison.Ordinal)).Value;
            for (var step = 0; step < 5; step++)
            {
                var before = scales.detach().clone();
                svi.Step(y);
                // e^(r/2) with r = ½ is a step of ¼ in the logarithm.
                Assert.True(scales.sub(before).max().item<double>() <= 0.25 + 1e-9);
            }
        }
    }

    [Fact]
    public void TheExceptionSaysWhatToChange()
    {
        // From 10 on the likelihood has no numbers any more.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("cliff").Sample("z", new Normal(tensor(0.0), 100), out var z)
            .Observe("y", s => new Normal(s[z].sub(10).neg().sqrt().mul(0).add(s[z]), 1), out _).Build();
        var y = tensor(30.0);
        using var svi = Svi.For(model, Guide.AutoNormal(model, y, init: InitTo.Value((z, 0.0))), Elbo.Trace(), NaturalGradient.Descent(), seed: 1, validate: false);
        var error = Assert.Throws<NonFiniteException>(() =>
        {
            for (var step = 0; step < 100; step++)
            {
                svi.Step(y);
            }
        });
        Assert.EndsWith("NaturalGradient came there by its own steps: take shorter ones, NaturalGradient.Descent(rate: 0.1, reach: 0.5), estimate each from more draws, Elbo.StickingTheLanding(particles: 64), or start near the posterior (init:, scale:).", string.Join(" ", error.Problems), StringComparison.Ordinal);
        Assert.True(svi.StepCount > 0);
    }

    private static double[] Returns(int count)
    {
        var random = new Random(11);
        double[] y = new double[count];
        var deviation = 1.0;
        for (var t = 0; t < count; t++)
        {
            deviation = t == 0 ? 1 : Math.Sqrt(1.5 + 0.5 * (y[t - 1] - 5) * (y[t - 1] - 5) + 0.2 * deviation * deviation);
            y[t] = 5 + deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        }

        return y;
    }

    // β₁ = (1 − α₁) b with b uniform; the density of (α₁, β₁) is flat where that of α₁ falls as 1 − α₁.
    private static Model<double[]> Garch(out Latent mu)
    {
        var model = Model.Given<double[]>("garch11")
            .Sample("mu", new ImproperUniform(Support.Real, dtype: float64), out mu)
            .Sample("alpha0", new ImproperUniform(Support.Positive, dtype: float64), out var alpha0)
            .Sample("alpha1", new Beta(tensor(1.0), 2), out var alpha1)
            .Sample("b", new Beta(tensor(1.0), 1), out var b);
        var mean = mu;
        return model.Observe("y", s =>
        {
            var (m, base0, share) = (s[mean], s[alpha0], s[alpha1]);
            var rest = (1 - share).mul(s[b]);
            var variance = ones_like(m);
            var variances = new List<Tensor> { variance };
            for (var t = 1; t < s.Data.Length; t++)
            {
                variance = base0.add(share.mul((s.Data[t - 1] - m).square())).add(rest.mul(variance));
                variances.Add(variance);
            }

            return new Normal(m.unsqueeze(-1), stack([.. variances], -1).sqrt()).ToEvent();
        }, data => tensor(data), out _).Build();
    }
}
