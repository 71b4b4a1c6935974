namespace ProbVae;

/// <summary>Pareto smoothed importance weights (Vehtari, Simpson, Gelman, Yao and Gabry 2024).</summary>
internal static class ParetoSmoothing
{
    /// <summary>Puts the quantiles of a fitted tail in place of the largest weights, none above the largest seen.</summary>
    /// <param name="logWeights">The logarithms of the weights, which are replaced by those of the smoothed ones, relative to the largest.</param>
    /// <param name="relativeSize">The share of the draws that they are worth, as of a chain.</param>
    /// <returns>k̂, the shape of the tail; not a number where there are too few draws for one.</returns>
    public static double Smooth(double[] logWeights, double relativeSize)
    {
        var highest = logWeights.Max();
        for (var i = 0; i < logWeights.Length; i++)
        {
            logWeights[i] -= highest;
        }

        var tail = (int)Math.Ceiling(Math.Min(0.2 * logWeights.Length, 3 * Math.Sqrt(logWeights.Length / relativeSize)));
        if (tail < 5)
        {
            return double.NaN;
        }

        var order = Enumerable.Range(0, logWeights.Length).OrderBy(i => logWeights[i]).ToArray();
        var threshold = Math.Exp(logWeights[order[^(tail + 1)]]);
        int[] above = [.. order[^tail..].Where(i => Math.Exp(logWeights[i]) > threshold)];
        if (above.Length < 5)
        {
            return above.Length == 0 ? double.NegativeInfinity : double.NaN;
        }

        var fitted = GeneralizedPareto.Fit(Array.ConvertAll(above, i => Math.Exp(logWeights[i]) - threshold)).DrawnToOneHalf(above.Length);
        if (!double.IsFinite(fitted.Shape) || !double.IsFinite(fitted.Scale))
        {
            return double.PositiveInfinity;
        }

        for (var i = 0; i < above.Length; i++)
        {
            logWeights[above[i]] = Math.Log(Math.Min(1, threshold + fitted.Quantile((i + 0.5) / above.Length)));
        }

        return fitted.Shape;
    }
}
