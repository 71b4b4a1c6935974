using ProbVae.Examples.Posteriors.Reference;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>The seven models by their names in posteriordb.</summary>
public static class Catalogue
{
    /// <summary>The names, in the order of the table.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [EightSchools.Name, KidScores.Name, Autoregression.Name, GaussianMixture.Name, LinearRegression.Name, Earnings.Name, GaussianProcess.Name];

    /// <summary>The model with its data; null for a name that is not here.</summary>
    public static Problem? Of(string name, PosteriorData data) => name switch
    {
        EightSchools.Name => EightSchools.Of(data),
        KidScores.Name => KidScores.Of(data),
        Autoregression.Name => Autoregression.Of(data),
        GaussianMixture.Name => GaussianMixture.Of(data),
        LinearRegression.Name => LinearRegression.Of(data),
        Earnings.Name => Earnings.Of(data),
        GaussianProcess.Name => GaussianProcess.Of(data),
        _ => null,
    };
}
