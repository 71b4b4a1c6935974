namespace ProbVae;

/// <summary>
/// The distribution function of a standard Student t variable: beyond |z| lies ½ I_x(ν/2, ½) on each side, x = ν/(ν + z²)
/// (Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, 28.3).
/// </summary>
internal static class StudentMass
{
    private const double NearZero = 1e-100;

    /// <summary>P(Z ≤ z) with derivatives in ν (as a) and z (as x).</summary>
    public static Expansion At(double df, double z)
    {
        if (double.IsNaN(df) || double.IsNaN(z) || double.IsInfinity(z))
        {
            return new(double.IsNaN(df + z) ? double.NaN : z < 0 ? 0 : 1);
        }

        var distance = Math.Max(Math.Abs(z), NearZero);
        var odds = distance / df * distance;
        var (x, y) = (1 / (1 + odds), 1 / (1 + 1 / odds));
        var mass = IncompleteBeta.At(df / 2, 0.5, x, y);
        var (byDf, byDfTwice) = (x * y / df, -2 * y * (x / df) * (x / df));
        var density = mass.X * x * y / distance;
        var logSlope = 0.5 * mass.AX / mass.X + (df / 2 * y - 0.5 * x) / df;
        var tail = 0.5 * mass.Value;
        var tailByDf = 0.5 * (0.5 * mass.A + mass.X * byDf);
        var tailByDfTwice = 0.5 * (0.25 * mass.AA + mass.AX * byDf + mass.XX * byDf * byDf + mass.X * byDfTwice);
        var sign = z < 0 ? 1 : -1;
        return new(
            z < 0 ? tail : 1 - tail, sign * tailByDf, 0, density, sign * tailByDfTwice,
            AX: density * logSlope, XX: -density * (df + 1) / df * (z < 0 ? -distance : distance) * x);
    }

    /// <summary>The z with P(Z ≤ z) = p.</summary>
    public static Expansion Quantile(double df, double p)
    {
        var outside = 2 * Math.Min(p, 1 - p);
        // z²/ν is the odds of a Beta(½, ν/2) variable.
        var distance = Math.Sqrt(df) * Math.Exp(IncompleteBeta.Quantile(0.5, df / 2, 1 - outside, outside).LogOdds / 2);
        var z = p < 0.5 ? -distance : distance;
        return double.IsFinite(z) ? At(df, z).Inverse(z) : new(z);
    }
}
