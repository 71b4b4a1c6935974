using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>A Gaussian process regression, the function summed out: three hyperparameters are left.</summary>
public static class GaussianProcess
{
    /// <summary>The name in posteriordb.</summary>
    public const string Name = "gp_pois_regr-gp_regr";

    /// <summary>
    /// rho ~ Gamma(25, rate 4), alpha ~ HalfNormal(2), sigma ~ HalfNormal(1),
    /// y ~ Normal(0, alpha² exp(−(x_i − x_j)² / 2 rho²) + sigma I).
    /// </summary>
    public static Problem Of(PosteriorData data)
    {
        var places = data.Vector("x");
        var squares = (places.unsqueeze(-1) - places).square();
        var (identity, zero) = (eye(places.shape[0]), zeros_like(places));
        var model = Model.Given<Tensor>(Name)
            .Sample("rho", Gamma.FromShapeRate(25, 4), out var rho)
            .Sample("alpha", new HalfNormal(2), out var alpha)
            .Sample("sigma", new HalfNormal(1), out var sigma)
            .Observe("y", s => MultivariateNormal.FromCovariance(zero,
                (Matrix(s[alpha]).square() * (squares / (-2 * Matrix(s[rho]).square())).exp()) + (Matrix(s[sigma]) * identity)), out _)
            .Build();
        return new(Name, model, data.Vector("y"));
    }

    // A number beside the axes of a matrix; particles stay before them.
    private static Tensor Matrix(Tensor number) => number.unsqueeze(-1).unsqueeze(-1);
}
