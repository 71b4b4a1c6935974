namespace ProbVae.Examples.EightSchools;

/// <summary>
/// The exact posterior of the same model: given mu and tau each theta is normal in closed form (Bayesian Data Analysis,
/// eq. 5.17), and a grid over the two others does the rest.
/// </summary>
public static class Quadrature
{
    /// <summary>Means and standard deviations of mu, tau and theta.</summary>
    public static IReadOnlyDictionary<string, Moments> Solve(double[] effects, double[] errors)
    {
        var names = new List<string> { "mu", "tau" };
        names.AddRange(effects.Select((_, school) => $"theta {school + 1}"));
        var (first, second, mass) = (new double[names.Count], new double[names.Count], 0.0);
        for (var mu = -25.0; mu <= 35.0; mu += 0.1)
        {
            for (var tau = 0.02; tau <= 30.0; tau += 0.04)
            {
                var weight = Math.Exp(LogDensity(mu, tau, effects, errors));
                mass += weight;
                Accumulate(0, weight, mu, 0);
                Accumulate(1, weight, tau, 0);
                for (var school = 0; school < effects.Length; school++)
                {
                    var precision = (1 / (errors[school] * errors[school])) + (1 / (tau * tau));
                    var mean = ((effects[school] / (errors[school] * errors[school])) + (mu / (tau * tau))) / precision;
                    Accumulate(school + 2, weight, mean, 1 / precision);
                }
            }
        }

        return names.Select((name, i) => (name, Moments: new Moments(first[i] / mass, Math.Sqrt((second[i] / mass) - (first[i] / mass * (first[i] / mass))))))
            .ToDictionary(entry => entry.name, entry => entry.Moments);

        void Accumulate(int i, double weight, double mean, double variance)
        {
            first[i] += weight * mean;
            second[i] += weight * ((mean * mean) + variance);
        }
    }

    // mu ~ Normal(0, 5), tau ~ HalfNormal(5), y_j | mu, tau ~ Normal(mu, sqrt(sigma_j^2 + tau^2)); constants dropped.
    private static double LogDensity(double mu, double tau, double[] effects, double[] errors)
    {
        var log = -0.5 * ((mu * mu / 25) + (tau * tau / 25));
        for (var school = 0; school < effects.Length; school++)
        {
            var variance = (errors[school] * errors[school]) + (tau * tau);
            log -= 0.5 * (Math.Log(variance) + ((effects[school] - mu) * (effects[school] - mu) / variance));
        }

        return log;
    }
}
