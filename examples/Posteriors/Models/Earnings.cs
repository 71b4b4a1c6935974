using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>Log earnings by height, sex and their product (Gelman and Hill 2007, chapter 4), under flat priors.</summary>
public static class Earnings
{
    /// <summary>The name in posteriordb.</summary>
    public const string Name = "earnings-logearn_interaction_z";

    /// <summary>
    /// beta flat, sigma &gt; 0 flat, log earn ~ Normal(beta_1 + beta_2 zh + beta_3 male + beta_4 zh male, sigma), with zh the
    /// standardized height.
    /// </summary>
    public static Problem Of(PosteriorData data)
    {
        var (height, male) = (data.Vector("height"), data.Vector("male"));
        var standardized = (height - height.mean()) / height.std();
        var covariates = stack([ones_like(male), standardized, male, standardized * male], -1);
        var model = Model.Given<Tensor>(Name)
            .Sample("beta", new ImproperUniform(Support.RealVector, [4]), out var beta)
            .Sample("sigma", new ImproperUniform(Support.Positive), out var sigma)
            .Plate("people", total: height.shape[0])
            .Observe("log_earn", s => new Normal((covariates * s[beta]).sum(dim: -1), s[sigma]), out _)
            .Build();
        return new(Name, model, data.Vector("earn").log());
    }
}
