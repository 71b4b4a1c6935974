using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Draws and figures at the ends of the arguments' ranges, in float32.</summary>
public sealed class ExtremeDrawTests
{
    private const int Draws = 100_000;

    private static readonly RandomKey Key = new(31);

    /// <summary>Case B1.</summary>
    [Fact]
    public void A_gamma_of_a_large_shape_keeps_its_density()
    {
        Assert.Equal(-7.9517f, Gamma.FromShapeRate(1e6, 1).LogProb(tensor(1_000_500f)).item<float>(), 1e-3f);
        Assert.Equal(-10.1293f, Gamma.FromShapeRate(1e8, 1).LogProb(tensor(1e8f)).item<float>(), 1e-3f);
        Assert.Equal(10.6293f, Gamma.FromShapeRate(1e8, 1).Entropy.item<float>(), 1e-3f);
    }

    /// <summary>Case B2.</summary>
    [Fact]
    public void Betas_Dirichlets_and_their_divergences_keep_their_digits()
    {
        Assert.Equal(10.018f, new Beta(1e5, 3).LogProb(tensor(0.99997f)).item<float>(), 1e-2f);
        var (q, p) = (new Dirichlet(new[] { 1e5, 1e5, 1e5, 1e5 }), new Dirichlet(new[] { 1.1e5, 1.1e5, 1.1e5, 1.1e5 }));
        Assert.Equal(0.0070, KlRegistry.Standard.Divergence(q, p)!.item<float>(), 1e-4);
        Assert.Equal(0.49983f, KlRegistry.Standard.Divergence(Gamma.FromShapeRate(1e6, 1), Gamma.FromShapeRate(1.001e6, 1))!.item<float>(), 1e-4f);
    }

    /// <summary>Case B11. The mean of the draws' logarithms is within five standard errors of log(1/p) − γ, p tiny; a false alarm in 1.7 million.</summary>
    [Fact]
    public void A_geometric_of_a_tiny_probability_draws_what_its_law_says()
    {
        var error = 5 * Math.PI / Math.Sqrt(6 * Draws);
        foreach (var logit in new[] { -30.0, -60, -80 })
        {
            var draws = Geometric.FromLogits(logit).Sample(Key, Draws).to(ScalarType.Float64);
            Assert.Equal(-logit - 0.5772156649, draws.log().mean().item<double>(), error);
        }

        var beyond = Geometric.FromLogits(-104);
        Assert.True(beyond.Sample(Key, Draws).gt(1e35).to(ScalarType.Float64).mean().item<double>() > 0.999);
        Assert.Equal(105, beyond.Entropy.item<float>(), 1e-3f);
        Assert.Equal(10_001, Geometric.FromLogits(-1e4).Entropy.item<float>(), 1f);
    }

    /// <summary>Case B11. Mean of the draws within five standard errors.</summary>
    [Fact]
    public void A_Kumaraswamy_of_a_large_weight_has_its_mean()
    {
        var kumaraswamy = new Kumaraswamy(2, 1e6);
        Assert.Equal(8.862e-4f, kumaraswamy.Mean.item<float>(), 1e-6f);
        var error = 5 * Math.Sqrt(kumaraswamy.Variance.item<float>() / Draws);
        Assert.Equal(8.862e-4, kumaraswamy.Sample(Key, Draws).to(ScalarType.Float64).mean().item<double>(), error);
    }

    /// <summary>
    /// −α log G is exponential where α is small, so a share 1 − c^α of draws from Gamma(α, β) is below c/β: within five standard errors at
    /// every c, also where G itself is below float32's numbers. No atom but those at the ends of float32's numbers.
    /// </summary>
    [Theory]
    [InlineData(0.01)]
    [InlineData(1e-3)]
    public void A_gamma_of_a_small_shape_has_no_atom_within_float32(double shape)
    {
        var draws = Gamma.FromShapeRate(shape, 1e-30).Sample(Key, Draws);
        foreach (var value in new[] { 1e-35, 1e-25, 1e-5, 1e10 })
        {
            var below = Math.Pow(value * 1e-30, shape);
            Assert.Equal(below, draws.lt(value).to(ScalarType.Float64).mean().item<double>(), 0.01 * below + 5 * Math.Sqrt(below * (1 - below) / Draws));
        }

        var inside = draws[draws.gt(1e-37)];
        Assert.Equal(inside.numel(), inside.unique().output.numel(), 100d);
    }

    /// <summary>Mean and standard deviation of large shapes' draws within five standard errors.</summary>
    [Theory]
    [InlineData(1e6)]
    [InlineData(1e9)]
    public void Draws_of_large_shapes_have_their_spread(double shape)
    {
        Distribution[] all = [new Beta(shape, shape), Gamma.FromShapeRate(shape, shape), InverseGamma.FromShapeScale(shape, shape), new Chi2(shape), new Dirichlet(new[] { shape, shape })];
        foreach (var distribution in all)
        {
            var draws = distribution.Sample(Key, Draws).to(ScalarType.Float64);
            var (mean, sd) = (distribution.Mean.to(ScalarType.Float64), distribution.Variance.to(ScalarType.Float64).sqrt());
            // Float32's own grid is up to 2⁻²⁴ of the mean.
            var grid = mean.mul(Math.Pow(2, -24));
            Assert.True(draws.mean([0]).sub(mean).abs().le(sd.mul(5 / Math.Sqrt(Draws)).add(grid)).all().ToBoolean(), distribution.Family);
            Assert.True(draws.std(0).div(sd).sub(1).abs().le(5 / Math.Sqrt(2.0 * Draws) + grid.div(sd).square().max().item<double>()).all().ToBoolean(), distribution.Family);
        }
    }

    [Fact]
    public void No_draw_at_the_ends_of_the_ranges_leaves_its_support()
    {
        foreach (var shape in new[] { 1e-8, 1e-3, 1, 1e6, 1e12 })
        {
            Distribution[] all =
            [
                Gamma.FromShapeRate(shape, 1), new Chi2(shape), InverseGamma.FromShapeScale(shape, 1), new Beta(shape, 1), new Beta(shape, shape), new Kumaraswamy(shape, 1),
                new Kumaraswamy(1, shape), new Weibull(1, shape), new Pareto(1, shape), new StudentT(shape, 0, 1), new Dirichlet(new[] { shape, 1, shape }), new VonMises(0, shape),
                Poisson.FromRate(shape), NegativeBinomial.FromMean(shape, 5), new BetaBinomial(1e6, shape, 1), new LKJCholesky(3, shape),
            ];
            foreach (var distribution in all)
            {
                var draws = distribution.Sample(Key, 2000);
                Assert.True(distribution.OutsideSupport(draws) is null, $"{distribution.Family} at {shape}: {distribution.OutsideSupport(draws)}");
            }
        }
    }
}
