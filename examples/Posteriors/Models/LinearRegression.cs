using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>A linear regression on large covariates, whose coefficients are known to a thousandth.</summary>
public static class LinearRegression
{
    /// <summary>The name in posteriordb.</summary>
    public const string Name = "sblrc-blr";

    /// <summary>beta_d ~ Normal(0, 10), sigma ~ HalfNormal(10), y ~ Normal(X beta, sigma).</summary>
    public static Problem Of(PosteriorData data)
    {
        var covariates = data.Matrix("X");
        var model = Model.Given<Tensor>(Name)
            .Sample("beta", new Normal(0, 10).Expand([covariates.shape[1]]).ToEvent(1), out var beta)
            .Sample("sigma", new HalfNormal(10), out var sigma)
            .Plate("rows", total: covariates.shape[0])
            .Observe("y", s => new Normal((covariates * s[beta]).sum(dim: -1), s[sigma]), out _)
            .Build();
        return new(Name, model, data.Vector("y"));
    }
}
