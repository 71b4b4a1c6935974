using System.Globalization;

namespace ProbVae.Examples.Conjugate;

/// <summary>A posterior's mean and standard deviation, and the log evidence that its ELBO approaches.</summary>
public sealed record Posterior(double Mean, double StandardDeviation, double LogEvidence);

/// <summary>A line of the comparison.</summary>
public sealed record Comparison(string Quantity, string Exact, string Found, string Difference, bool Agrees);

/// <summary>What is known of a model, and what SVI found.</summary>
public sealed record Fit(string Model, Posterior Exact, Posterior Found)
{
    /// <summary>The three figures side by side, with the bounds that they must keep.</summary>
    public IEnumerable<Comparison> Compare()
    {
        yield return Relative("posterior mean", Exact.Mean, Found.Mean);
        yield return Relative("posterior sd", Exact.StandardDeviation, Found.StandardDeviation);
        var gap = Found.LogEvidence - Exact.LogEvidence;
        yield return new("ELBO ≤ log evidence", Text(Exact.LogEvidence), Text(Found.LogEvidence), $"{Text(gap)} nats", Math.Abs(gap) < 0.01);
    }

    private static Comparison Relative(string quantity, double exact, double found)
    {
        var difference = (found - exact) / exact;
        return new(quantity, Text(exact), Text(found), difference.ToString("P2", CultureInfo.InvariantCulture), Math.Abs(difference) < 0.01);
    }

    private static string Text(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
