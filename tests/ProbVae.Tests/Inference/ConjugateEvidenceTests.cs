using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>
/// Conjugate models' evidence by every estimator, against the exact one: with the exact posterior for a guide, where log p(x, z) − log q(z)
/// is log p(x) at each z, and with a guide near it, where the bounds lie as theory says.
/// </summary>
public sealed class ConjugateEvidenceTests
{
    // Sums of some ten log densities in single precision, each exact to 1e-6 or so; the largest difference seen is 4e-6.
    private const double Rounding = 5e-5;

    private static readonly RandomKey Key = new(23);

    public static TheoryData<string> Models => [.. All().Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void EveryEstimatorGivesTheEvidenceAtTheExactPosterior(string name)
    {
        using var scope = NewDisposeScope();
        var model = Named(name);
        using var svi = model.Svi(model.Exact);

        // Without variance, a handful of draws is enough for all that weigh log p − log q.
        foreach (var (estimator, elbo) in Weighing(draws: 4))
        {
            var step = svi.Evaluate(model.Data, elbo, Key);
            AssertNear(model, estimator, step.Elbo, Rounding);
            AssertNear(model, $"{estimator}, loss", -step.Loss, Rounding);
        }

        var importance = Evidence.ByImportance(model.Model, model.Exact, model.Data, Key, draws: 50);
        AssertNear(model, "importance sampling", importance.LogEvidence, Rounding);
        Assert.Equal(50, importance.EffectiveSampleSize, 0.01);

        // Closed-form KL leaves the likelihood's own noise: at most 1.2 nats a draw here, so 5 standard errors of 20,000 draws are 0.042.
        AssertNear(model, "Elbo.MeanField", svi.Evaluate(model.Data, Elbo.MeanField(particles: 20_000), Key).Elbo, 0.042);
        AssertNear(model, "Elbo.ScoreFunction", svi.Evaluate(model.Data, Elbo.ScoreFunction(particles: 20_000), Key).Elbo, 0.042);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void NearThePosteriorTheElboFallsShortByTheDivergenceAndTheOthersByLess(string name)
    {
        using var scope = NewDisposeScope();
        var model = Named(name);
        using var svi = model.Svi(model.Near);

        // log p(x) − ELBO = KL(q, posterior), here in closed form; 5 standard errors of 40,000 draws with an sd of at most 1.1 nats.
        const double bound = 0.0275;
        using var noGrad = no_grad();
        var gap = KlRegistry.Standard.Divergence(Latent(model, model.Near), Latent(model, model.Exact))!.sum().ToDouble();
        Assert.InRange(gap, 2 * bound, 2);
        foreach (var (estimator, elbo) in new[] { ("Elbo.Trace", Elbo.Trace(40_000)), ("Elbo.MeanField", Elbo.MeanField(40_000)), ("Elbo.StickingTheLanding", Elbo.StickingTheLanding(40_000)) })
        {
            AssertNear(model, estimator, svi.Evaluate(model.Data, elbo, Key).Elbo + gap, bound);
        }

        // Evidence itself from as many draws; the bias of a logarithm of a mean is far below the bound.
        var iwae = -svi.Evaluate(model.Data, Elbo.Iwae(40_000), Key).Loss;
        AssertNear(model, "Elbo.Iwae", iwae, bound);

        // The bounds in their order, on the same draws, for which it is a theorem: alpha = 1 is the ELBO, alpha = 0 is Iwae.
        double[] renyi = [.. new[] { 1, 0.75, 0.5, 0.25, 0 }.Select(alpha => -svi.Evaluate(model.Data, Elbo.Renyi(alpha, 40_000), Key).Loss)];
        Assert.True(renyi.Zip(renyi.Skip(1)).All(pair => pair.First < pair.Second), $"{name}: {string.Join(", ", renyi)}.");
        AssertNear(model, "Elbo.Renyi(0)", renyi[^1], bound);
        AssertNear(model, "Elbo.Renyi(1) and the divergence", renyi[0] + gap, bound);

        // With few draws L_K lies between the two.
        double[] few = [.. Enumerable.Range(0, 200).Select(i => -svi.Evaluate(model.Data, Elbo.Iwae(8), Key.Fold(i)).Loss)];
        var error = MathNet.Numerics.Statistics.Statistics.StandardDeviation(few) / Math.Sqrt(few.Length);
        Assert.InRange(few.Average(), model.Evidence - gap + (3 * error), model.Evidence + (3 * error));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void WeightedSamplesGiveTheEvidenceWithinTheirStandardErrors(string name)
    {
        using var scope = NewDisposeScope();
        var model = Named(name);
        var path = new AnnealingPath(Temperatures: 25, Leapfrogs: 3);
        foreach (var estimate in new[]
        {
            Evidence.ByImportance(model.Model, model.Near, model.Data, Key, draws: 4000),
            Evidence.ByPriorSampling(model.Model, model.Data, Key, draws: 20_000),
            Evidence.ByAnnealing(model.Model, model.Data, Key, draws: 200, path),
            Evidence.ByAnnealing(model.Model, model.Near, model.Data, Key, draws: 200, path),
        })
        {
            // 4 standard errors as the estimate states them, and those must be small.
            Assert.InRange(estimate.StandardError, 0, 0.15);
            AssertNear(model, estimate.Method, estimate.LogEvidence, 4 * estimate.StandardError);
        }
    }

    // All that compute log p(x, z) − log q(z) at their draws.
    private static IEnumerable<(string Name, Elbo Elbo)> Weighing(int draws) =>
    [
        ("Elbo.Trace", Elbo.Trace(draws)),
        ("Elbo.Trace, one by one", Elbo.Trace(draws, vectorized: false)),
        ("Elbo.MeanField without closed forms", Elbo.MeanField(draws, divergences: KlRegistry.Empty)),
        ("Elbo.StickingTheLanding", Elbo.StickingTheLanding(draws)),
        ("Elbo.ScoreFunction without closed forms", Elbo.ScoreFunction(draws, divergences: KlRegistry.Empty)),
        ("Elbo.Iwae", Elbo.Iwae(draws)),
        ("Elbo.Renyi(0.5)", Elbo.Renyi(0.5, draws)),
        ("Elbo.Renyi(2)", Elbo.Renyi(2, draws)),
        ("Elbo.Renyi(-1)", Elbo.Renyi(-1, draws)),
        ("Elbo.Dreg", Elbo.Dreg(draws)),
    ];

    private static void AssertNear(ConjugateModel model, string estimator, double found, double bound) =>
        Assert.True(Math.Abs(found - model.Evidence) <= bound, $"{model.Name}, {estimator}: {found}, exactly {model.Evidence}; the bound is {bound}.");

    private static Distribution Latent(ConjugateModel model, Guide<Tensor> guide) => guide.Trace(model.Data, Key).Latents.Single().Distribution;

    private static ConjugateModel Named(string name) => All().Single(model => model.Name == name);

    private static IEnumerable<ConjugateModel> All() => [NormalMean(), CoinBias(), PoissonRate(), Regression()];

    /// <summary>mu ~ Normal(1, 2), y_i ~ Normal(mu, 1.5).</summary>
    private static ConjugateModel NormalMean()
    {
        double[] y = [1.4, 3.1, -0.2, 2.2, 0.9, 1.7];
        var model = Model.Given<Tensor>("normal mean").Sample("mu", new Normal(1, 2), out var mu)
            .Plate("rows", y.Length).Observe("y", s => new Normal(s[mu], 1.5), out _).Build();
        var precision = 0.25 + (y.Length / 2.25);
        var mean = (0.25 + (y.Sum() / 2.25)) / precision;
        var covariance = (2.25 * CreateMatrix.DenseIdentity<double>(y.Length)) + 4;
        Guide<Tensor> With(double shift, double stretch)
        {
            Parameter loc = new(tensor((float)(mean + shift))), scale = new(tensor((float)(stretch / Math.Sqrt(precision))));
            return Guide.For(model).Sample(mu, _ => new Normal(loc, scale)).Build();
        }

        return new("Normal-Normal", model, tensor(y, ScalarType.Float32), With(0, 1), With(0.2, 1.3), Gaussian(CreateVector.DenseOfArray(y) - 1, covariance));
    }

    /// <summary>p ~ Beta(2, 3), x_i ~ Bernoulli(p).</summary>
    private static ConjugateModel CoinBias()
    {
        double[] x = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1];
        var model = Model.Given<Tensor>("coin bias").Sample("p", new Beta(2, 3), out var p)
            .Plate("flips", x.Length).Observe("x", s => Bernoulli.FromProbs(s[p]), out _).Build();
        var (a, b) = (2 + x.Sum(), 3 + x.Length - x.Sum());
        Guide<Tensor> With(double ones, double zeros)
        {
            Parameter first = new(tensor((float)ones)), second = new(tensor((float)zeros));
            return Guide.For(model).Sample(p, _ => new Beta(first, second)).Build();
        }

        return new("Beta-Bernoulli", model, tensor(x, ScalarType.Float32), With(a, b), With(a - 3, b + 0.5), SpecialFunctions.BetaLn(a, b) - SpecialFunctions.BetaLn(2, 3));
    }

    /// <summary>lambda ~ Gamma(3, rate 1), k_i ~ Poisson(lambda).</summary>
    private static ConjugateModel PoissonRate()
    {
        double[] k = [2, 4, 1, 3, 5, 2, 0];
        var model = Model.Given<Tensor>("poisson rate").Sample("lambda", Gamma.FromShapeRate(3, 1), out var lambda)
            .Plate("rows", k.Length).Observe("k", s => Poisson.FromRate(s[lambda]), out _).Build();
        var (shape, rate) = (3 + k.Sum(), 1.0 + k.Length);
        Guide<Tensor> With(double a, double b)
        {
            Parameter first = new(tensor((float)a)), second = new(tensor((float)b));
            return Guide.For(model).Sample(lambda, _ => Gamma.FromShapeRate(first, second)).Build();
        }

        var evidence = SpecialFunctions.GammaLn(shape) - (shape * Math.Log(rate)) - SpecialFunctions.GammaLn(3) - k.Sum(count => SpecialFunctions.GammaLn(count + 1));
        return new("Gamma-Poisson", model, tensor(k, ScalarType.Float32), With(shape, rate), With(shape - 6, rate - 2), evidence);
    }

    /// <summary>w ~ Normal(0, 1)², y_i ~ Normal(w_0 + w_1 x_i, 0.5): the posterior is correlated.</summary>
    private static ConjugateModel Regression()
    {
        double[] x = [0.5, -1, 1.5, 0.3, -0.7, 2, 0.9, 0.1], y = [0.9, -0.4, 1.6, 0.7, -0.2, 2.3, 1.4, 0.2];
        var inputs = stack([ones(x.Length), tensor(x, ScalarType.Float32)], -1);
        var model = Model.Given<Tensor>("regression").Sample("w", MultivariateNormal.FromScaleTril(zeros(2), eye(2)), out var w)
            .Plate("rows", x.Length).Observe("y", s => new Normal((inputs * s[w]).sum(dim: -1), 0.5), out _).Build();
        var design = CreateMatrix.Dense(x.Length, 2, (i, j) => j == 0 ? 1.0 : x[i]);
        var outputs = CreateVector.DenseOfArray(y);
        var spread = ((design.TransposeThisAndMultiply(design) * 4) + CreateMatrix.DenseIdentity<double>(2)).Inverse();
        var mean = spread * design.TransposeThisAndMultiply(outputs) * 4;
        var factor = spread.Cholesky().Factor;
        Guide<Tensor> With(double shift, double stretch)
        {
            var lower = tensor(new[,] { { factor[0, 0], 0 }, { factor[1, 0], factor[1, 1] } }, ScalarType.Float32) * stretch;
            Parameter loc = new(tensor(mean.ToArray(), ScalarType.Float32) + shift), tril = new(lower);
            return Guide.For(model).Sample(w, _ => MultivariateNormal.FromScaleTril(loc, tril.tril())).Build();
        }

        var covariance = (design * design.Transpose()) + (0.25 * CreateMatrix.DenseIdentity<double>(x.Length));
        return new("Linear regression", model, tensor(y, ScalarType.Float32), With(0, 1), With(0.05, 1.25), Gaussian(outputs, covariance));
    }

    // log Normal(y; 0, covariance).
    private static double Gaussian(MathNet.Numerics.LinearAlgebra.Vector<double> y, Matrix<double> covariance)
    {
        var factor = covariance.Cholesky();
        return -0.5 * ((y.Count * Math.Log(2 * Math.PI)) + factor.DeterminantLn + y.DotProduct(factor.Solve(y)));
    }

    private sealed record ConjugateModel(string Name, Model<Tensor> Model, Tensor Data, Guide<Tensor> Exact, Guide<Tensor> Near, double Evidence)
    {
        public Svi<Tensor> Svi(Guide<Tensor> guide) => ProbVae.Svi.For(Model, guide, Elbo.Trace(), p => optim.SGD(p, 0.1));
    }
}
