namespace ProbVae;

/// <summary>
/// Stirling's error δ(a) = log Γ(a) − (a − ½) log a + a − log √(2π) with two derivatives: densities with large parameters are differences
/// of logarithms of the gamma function, which lose all digits, and sums of these, which do not (Loader 2000, Fast and Accurate
/// Computation of Binomial Probabilities).
/// </summary>
internal static class StirlingError
{
    private const double SeriesFrom = 16;

    /// <summary>δ, δ′ and δ″.</summary>
    public static (double Error, double Slope, double Curvature) At(double a)
    {
        var (error, slope, curvature) = (0.0, 0.0, 0.0);
        // δ(a) = δ(a + 1) + (a + ½) log((a + 1)/a) − 1
        for (; a < SeriesFrom; a++)
        {
            var (log, step) = (LogOnePlus(1 / a), 1 / (a * (a + 1)));
            error += (a + 0.5) * log - 1;
            slope += log - (a + 0.5) * step;
            curvature += 2 * (a + 0.5) * (a + 0.5) * step * step - 2 * step;
        }

        // DLMF 5.11.1.
        var (y, square) = (1 / a, 1 / (a * a));
        error += y * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188 - square * (691.0 / 360360 - square / 156))))));
        slope -= square * (1.0 / 12 - square * (3.0 / 360 - square * (5.0 / 1260 - square * (7.0 / 1680 - square * (9.0 / 1188 - square * (11 * 691.0 / 360360 - square * 13 / 156))))));
        curvature += square * y * (2.0 / 12 - square * (12.0 / 360 - square * (30.0 / 1260 - square * (56.0 / 1680 - square * (90.0 / 1188 - square * (132 * 691.0 / 360360 - square * 182 / 156))))));
        return (error, slope, curvature);
    }

    /// <summary>log(1 + u) − u without cancellation for small u.</summary>
    public static double LogOnePlusMinus(double u)
    {
        if (u is < -0.4 or > 0.7)
        {
            return LogOnePlus(u) - u;
        }

        // With r = u/(2 + u): log(1 + u) = 2 (r + r³/3 + r⁵/5 + …) and u = r (2 + u).
        var r = u / (2 + u);
        var (square, power, sum) = (r * r, r * r, 0.0);
        for (var k = 3; k < 80 && power > 1e-18; k += 2)
        {
            sum += 2 * power / k;
            power *= square;
        }

        return r * (sum - u);
    }

    /// <summary>log(1 + u), exact for small u (Goldberg 1991, What Every Computer Scientist Should Know About Floating-Point Arithmetic, theorem 4).</summary>
    public static double LogOnePlus(double u)
    {
        var whole = 1 + u;
        return whole == 1 ? u : double.IsInfinity(whole) ? whole : Math.Log(whole) * (u / (whole - 1));
    }
}
