using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>A mixture of two normal distributions, their means in increasing order so that the components are told apart.</summary>
public static class GaussianMixture
{
    /// <summary>The name in posteriordb.</summary>
    public const string Name = "low_dim_gauss_mix-low_dim_gauss_mix";

    /// <summary>
    /// mu_1 &lt; mu_2 sorted from Normal(0, 2), sigma_k ~ HalfNormal(2), theta ~ Beta(5, 5),
    /// y ~ theta Normal(mu_1, sigma_1) + (1 − theta) Normal(mu_2, sigma_2).
    /// </summary>
    public static Problem Of(PosteriorData data)
    {
        var observations = data.Vector("y");
        var model = Model.Given<Tensor>(Name)
            .Sample("mu", new SortedNormals(2, scale: 2), out var mu)
            .Sample("sigma", new HalfNormal(2).Expand([2]).ToEvent(1), out var sigma)
            .Sample("theta", new Beta(5, 5), out var theta)
            .Plate("points", total: observations.shape[0])
            .Observe("y", s => new MixtureSameFamily(
                Categorical.FromProbs(stack([s[theta], 1 - s[theta]], -1)),
                new Normal(s[mu], s[sigma])), out _)
            .Build();
        return new(Name, model, observations);
    }
}
