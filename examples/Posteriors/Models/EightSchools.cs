using ProbVae.Examples.Posteriors.Reference;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>How much coaching helped in each of eight schools (Rubin 1981), in the non-centred form.</summary>
public static class EightSchools
{
    /// <summary>The name in posteriordb.</summary>
    public const string Name = "eight_schools-eight_schools_noncentered";

    /// <summary>mu ~ Normal(0, 5), tau ~ HalfCauchy(5), theta_j = mu + tau theta_trans_j, y_j ~ Normal(theta_j, sigma_j).</summary>
    public static Problem Of(PosteriorData data)
    {
        var errors = data.Vector("sigma");
        var model = Model.Given<Tensor>(Name)
            .Sample("mu", new Normal(0, 5), out var mu)
            .Sample("tau", new HalfCauchy(5), out var tau)
            .Plate("schools", total: errors.shape[0])
            .Sample("theta_trans", new Normal(0, 1), out var standard)
            .Deterministic("theta", s => s[mu] + (s[tau] * s[standard]), out var theta)
            .Observe("y", s => new Normal(s[theta], errors), out _)
            .Build();
        return new(Name, model, data.Vector("y"));
    }
}
