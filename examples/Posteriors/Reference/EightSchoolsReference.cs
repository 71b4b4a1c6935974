using System.Text.Json;
using ProbVae.Examples.Posteriors.Models;

namespace ProbVae.Examples.Posteriors.Reference;

/// <summary>
/// The eight schools as published (Rubin 1981), and their exact posterior: given tau, mu and each theta are normal in closed form
/// (Gelman et al., Bayesian Data Analysis, section 5.4), and a grid over tau does the rest.
/// </summary>
public static class EightSchoolsReference
{
    private static readonly double[] Effects = [28, 8, -3, 7, -1, 1, 18, 12];
    private static readonly double[] Errors = [15, 10, 16, 11, 9, 11, 10, 18];

    /// <summary>Data and moments, without a file.</summary>
    public static ReferencePosterior Solve()
    {
        var names = new List<string>(["mu", "tau", .. Effects.Select((_, school) => $"theta[{school + 1}]")]);
        var (first, second, mass) = (new double[names.Count], new double[names.Count], 0.0);
        for (var tau = 0.005; tau <= 200; tau += 0.01)
        {
            var (logDensity, mean, variance) = GivenTau(tau);
            var weight = Math.Exp(logDensity);
            mass += weight;
            Accumulate(0, weight, mean, variance);
            Accumulate(1, weight, tau, 0);
            for (var school = 0; school < Effects.Length; school++)
            {
                // theta = share y + (1 − share) mu + noise: the posterior of mu goes through.
                var (error, spread) = (Errors[school] * Errors[school], tau * tau);
                var share = spread / (spread + error);
                Accumulate(school + 2, weight, (share * Effects[school]) + ((1 - share) * mean), (share * error) + ((1 - share) * (1 - share) * variance));
            }
        }

        var data = JsonSerializer.SerializeToElement(new { y = Effects, sigma = Errors });
        return new(EightSchools.Name, new PosteriorData(data), names.Index().ToDictionary(
            entry => entry.Item,
            entry => new ReferenceMoments(first[entry.Index] / mass, Math.Sqrt((second[entry.Index] / mass) - Math.Pow(first[entry.Index] / mass, 2)))));

        void Accumulate(int i, double weight, double mean, double variance)
        {
            first[i] += weight * mean;
            second[i] += weight * ((mean * mean) + variance);
        }
    }

    // log p(tau, y) up to a constant, and the normal posterior of mu: mu ~ Normal(0, 5), y_j ~ Normal(mu, sqrt(sigma_j² + tau²)).
    private static (double LogDensity, double Mean, double Variance) GivenTau(double tau)
    {
        var (precision, weighted, log) = (1 / 25.0, 0.0, -Math.Log(1 + (tau * tau / 25)));
        foreach (var (effect, error) in Effects.Zip(Errors))
        {
            var variance = (error * error) + (tau * tau);
            precision += 1 / variance;
            weighted += effect / variance;
            log -= 0.5 * (Math.Log(variance) + (effect * effect / variance));
        }

        return (log - (0.5 * Math.Log(precision)) + (0.5 * weighted * weighted / precision), weighted / precision, 1 / precision);
    }
}
