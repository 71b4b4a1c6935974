using static ProbVae.Tests.Inference.Inferences;
using static TorchSharp.torch;

namespace ProbVae.Tests.Guides;

/// <summary>The families of automatic guides on models whose posteriors are known.</summary>
public sealed class AutoGuideTests
{
    // A Gaussian model: θ ~ Normal(0, I) over 2 numbers, y = X θ + noise of sd 0.5. Its posterior is normal with precision I + XᵀX / σ².
    private static readonly double[,] X = { { 1, 0.9 }, { 0.8, 1 }, { 1.2, 1.1 }, { -0.5, -0.3 } };
    private static readonly double[] Y = [1.1, 0.7, 1.6, -0.4];
    private const double Sigma = 0.5;

    [Fact]
    public void AutoMultivariateNormalFindsTheCovarianceAndTheEvidence()
    {
        using var scope = NewDisposeScope();
        var (model, y) = Regression();
        var guide = Guide.AutoMultivariateNormal(model, y);
        using var svi = Svi.For(model, guide, Elbo.Trace(particles: 16), Adam(0.05));
        Fit(svi, 1500, _ => y);
        var (mean, covariance, evidence) = Exact();

        // At the exact posterior log p(y, θ) − log q(θ) = log p(y) at every draw, so only the optimizer's rest is left.
        Close(Numbers(covariance), Numbers(guide.Covariance), 0.02, "covariance");
        var found = MeanElbo(svi, y, Elbo.Trace(particles: 64), 5);
        Assert.True(Math.Abs(found.Mean - evidence) < 0.01, $"ELBO {found.Mean:F4} ± {found.Error:F4}, evidence {evidence:F4}; bound 0.01.");
        Close(Numbers(mean), Numbers(svi.Parameters.ByName["joint.loc"]), 0.02, "mean");
    }

    [Fact]
    public void AutoNormalFindsTheInverseOfThePrecisionsDiagonal()
    {
        using var scope = NewDisposeScope();
        var (model, y) = Regression();
        var guide = Guide.AutoNormal(model, y);
        using var svi = Svi.For(model, guide, Elbo.MeanField(particles: 8), Adam(0.05));
        Fit(svi, 600, _ => y);
        var (mean, covariance, _) = Exact();
        var precision = linalg.inv(covariance).diagonal();

        Close(Numbers(mean), Numbers(svi.Parameters.ByName["theta.loc"]), 0.03, "mean");
        Close(Numbers(precision.rsqrt()), Numbers(svi.Parameters.ByName["theta.logScale"].exp()), 0.02, "sd");
    }

    [Fact]
    public void AutoDeltaFindsTheMode()
    {
        using var scope = NewDisposeScope();
        var (model, y) = Regression();
        using var svi = Svi.For(model, Guide.AutoDelta(model, y), Elbo.Trace(), Adam(0.05));
        Fit(svi, 1500, _ => y);
        Close(Numbers(Exact().Mean), Numbers(svi.Parameters.ByName["theta.loc"]), 0.002, "mode");
    }

    [Fact]
    public void AutoLowRankOfFullRankFindsTheEvidence()
    {
        using var scope = NewDisposeScope();
        var (model, y) = Regression();
        var guide = Guide.AutoLowRankMultivariateNormal(model, y, rank: 1);
        using var svi = Svi.For(model, guide, Elbo.Trace(particles: 8), Adam(0.05));
        Fit(svi, 1000, _ => y);

        // One direction and a diagonal hold every covariance of 2 × 2.
        Close(Numbers(Exact().Covariance), Numbers(guide.Covariance), 0.03, "covariance");
    }

    [Fact]
    public void AutoStructuredIsExactWhereTheModelIsGaussian()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("two normals")
            .Sample("a", new Normal(0, 1), out var a)
            .Sample("b", s => new Normal(s[a], 0.5), out var b)
            .Plate("points", total: 2)
            .Observe("y", s => new Normal(s[b], 0.8), out _)
            .Build();
        var y = tensor(new[] { 1.2f, 0.6f });
        using var svi = Svi.For(model, Guide.AutoStructured(model, y), Elbo.MeanField(particles: 8), Adam(0.05));
        Fit(svi, 1200, _ => y);

        // Marginally y ~ Normal(0, 1.25 + 0.64 I) in both elements.
        var marginal = MultivariateNormal.FromCovariance(new double[] { 0, 0 }, new double[,] { { 1.89, 1.25 }, { 1.25, 1.89 } });
        var found = MeanElbo(svi, y, Elbo.Trace(particles: 64), 5);
        var evidence = marginal.LogProb(y).item<float>();
        Assert.True(Math.Abs(found.Mean - evidence) < 0.01, $"ELBO {found.Mean:F4} ± {found.Error:F4}, evidence {evidence:F4}; bound 0.01.");
    }

    [Fact]
    public void AutoIafComesCloseToTheEvidence()
    {
        using var scope = NewDisposeScope();
        var (model, y) = Regression();
        using var svi = Svi.For(model, Guide.AutoIaf(model, y, scale: 0.5), Elbo.Trace(particles: 8), Adam(0.02));
        Fit(svi, 500, _ => y);
        var (found, evidence) = (MeanElbo(svi, y, Elbo.Trace(particles: 200), 5), Exact().Evidence);

        // A mean-field guide stays 0.9 nats below here (½ log of 1 / (1 − ρ²), ρ = −0.914).
        Assert.True(evidence - found.Mean < 0.1 && found.Mean - evidence < 0.05, $"ELBO {found.Mean:F4} ± {found.Error:F4}, evidence {evidence:F4}; bound 0.1 below.");
        Assert.Contains(svi.Parameters.ByName.Keys, name => name.StartsWith("flow[0].", StringComparison.Ordinal));
    }

    [Fact]
    public void AutoNormalizingFlowRefusesFlowsOfAnotherLength()
    {
        using var scope = NewDisposeScope();
        var (model, y) = Regression();
        var error = Assert.Throws<ArgumentException>(() => Guide.AutoNormalizingFlow(model, y, _ => [new AffineCoupling(5, [4], new RandomKey(1))]));
        Assert.StartsWith("AutoNormalizingFlow: flow 0 is over vectors of 5 numbers; the model's latent variables have 2 unconstrained numbers.", error.Message);
    }

    [Fact]
    public void AutoLaplaceIsExactWhereTheModelIsGaussian()
    {
        using var scope = NewDisposeScope();
        var (model, y) = Regression();
        var guide = Guide.AutoLaplace(model, y);
        using var svi = Svi.For(model, guide, Elbo.Trace(), Adam(0.05));
        Fit(svi, 1500, _ => y);
        Close(Numbers(Exact().Covariance), Numbers(guide.Gaussian(y).Covariance), 1e-4, "covariance");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void StickingTheLandingHasNoVarianceAtTheExactPosterior(bool sticking)
    {
        using var scope = NewDisposeScope();
        var (model, y) = Regression();
        var point = Guide.AutoLaplace(model, y);
        using (var mode = Svi.For(model, point, Elbo.Trace(), Adam(0.05)))
        {
            Fit(mode, 1500, _ => y);
        }

        using var svi = Svi.For(model, point.Gaussian(y), sticking ? Elbo.StickingTheLanding() : Elbo.Trace(), Still);
        svi.Step(y);
        var greatest = svi.Parameters.ByName.Values.Max(parameter => parameter.grad!.abs().max().item<float>());
        Assert.True(sticking ? greatest < 0.01 : greatest > 0.05, $"greatest gradient {greatest}; bound 0.01 (0.05 at least without).");
    }

    [Fact]
    public void AutoLaplaceWorksInUnconstrainedSpace()
    {
        // λ ~ Gamma(2, rate 1) and counts 3, 5, 4: the posterior is Gamma(A = 14, rate B = 4). In u = log λ its density is e^(A u − B e^u),
        // with the mode log (A / B) and the second derivative −A there.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("counts")
            .Sample("rate", Gamma.FromShapeRate(2, 1), out var rate)
            .Plate("counts", total: 3)
            .Observe("n", s => Poisson.FromRate(s[rate]), out _)
            .Build();
        var counts = tensor(new[] { 3f, 5f, 4f });
        var guide = Guide.AutoLaplace(model, counts);
        using var svi = Svi.For(model, guide, Elbo.Trace(), Adam(0.05));
        Fit(svi, 600, _ => counts);
        var normal = guide.Gaussian(counts);
        Close([1.0 / 14], Numbers(normal.Covariance), 1e-4, "variance of log rate");
        Close([14.0 / 4], Numbers(normal.Median(counts)[rate]), 0.1, "median of the rate");
    }

    [Fact]
    public void AutoLaplaceRefusesAPointThatIsNoMaximum()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("two modes")
            .Sample("z", new MixtureSameFamily(Categorical.FromProbs(new double[] { 0.5, 0.5 }), new Normal(new double[] { -3, 3 }, 1.0)), out _)
            .Observe("y", s => new Normal(0, 1), out _)
            .Build();
        var y = tensor(0f);
        var error = Assert.Throws<ModelException>(() => Guide.AutoLaplace(model, y, InitTo.Feasible).Gaussian(y));
        Assert.Contains("is not positive definite (its least eigenvalue is -8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AutoDeltaIsTheModeInTheModelsOwnSpace()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("coin")
            .Sample("p", new Beta(2, 2), out var p)
            .Plate("flips", total: 4)
            .Observe("heads", s => Bernoulli.FromProbs(s[p]), out _)
            .Build();
        var flips = tensor(new[] { 1f, 1f, 1f, 0f });
        var guide = Guide.AutoDelta(model, flips);
        using var svi = Svi.For(model, guide, Elbo.Trace(), Adam(0.05));
        Fit(svi, 400, _ => flips);

        // The mode of Beta(5, 3) is 4 / 6; in unconstrained space it would be 5 / 8.
        Close([4.0 / 6], Numbers(guide.Median(flips)[p]), 0.001, "mode");
    }

    private static (Model<Tensor> Model, Tensor Y) Regression()
    {
        var x = tensor(X, ScalarType.Float32);
        var model = Model.Given<Tensor>("regression")
            .Sample("theta", Normal.Standard(2), out var theta)
            .Plate("points", total: Y.Length)
            .Observe("y", s => new Normal(s[theta].mul(x).sum(dim: -1), Sigma), out _)
            .Build();
        return (model, tensor(Y, ScalarType.Float32));
    }

    private static (Tensor Mean, Tensor Covariance, double Evidence) Exact()
    {
        Tensor x = tensor(X), y = tensor(Y);
        var covariance = linalg.inv(eye(2, dtype: ScalarType.Float64).add(x.t().matmul(x).div(Sigma * Sigma)));
        var mean = covariance.matmul(x.t()).matmul(y).div(Sigma * Sigma);
        var marginal = MultivariateNormal.FromCovariance(zeros(Y.Length, ScalarType.Float64), x.matmul(x.t()).add(eye(Y.Length, dtype: ScalarType.Float64).mul(Sigma * Sigma)));
        return (mean, covariance, marginal.LogProb(y).item<double>());
    }

    private static void Close(double[] expected, double[] found, double bound, string what) => Assert.All(
        expected.Zip(found), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= bound, $"{what}: expected {string.Join(", ", expected)}, found {string.Join(", ", found)}; bound {bound}."));
}
