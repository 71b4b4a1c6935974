using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>Children's test scores by their mothers' (Gelman and Hill 2007, chapter 3): a line, its intercept and slope under flat priors.</summary>
public static class KidScores
{
    /// <summary>The name in posteriordb.</summary>
    public const string Name = "kidiq-kidscore_momiq";

    /// <summary>beta flat, sigma ~ HalfCauchy(2.5), kid_score ~ Normal(beta_1 + beta_2 mom_iq, sigma).</summary>
    public static Problem Of(PosteriorData data)
    {
        var scores = data.Vector("mom_iq");
        var covariates = stack([ones_like(scores), scores], -1);
        var model = Model.Given<Tensor>(Name)
            .Sample("beta", new ImproperUniform(Support.RealVector, [2]), out var beta)
            .Sample("sigma", new HalfCauchy(2.5), out var sigma)
            .Plate("children", total: scores.shape[0])
            .Observe("kid_score", s => new Normal((covariates * s[beta]).sum(dim: -1), s[sigma]), out _)
            .Build();
        return new(Name, model, data.Vector("kid_score"));
    }
}
