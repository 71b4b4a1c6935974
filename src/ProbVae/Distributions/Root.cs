namespace ProbVae;

/// <summary>Roots of increasing functions: Newton's steps inside a bracket that shrinks (Press et al. 2007, Numerical Recipes, 9.4).</summary>
internal static class Root
{
    private const int MostSteps = 200;

    /// <summary>The root of an increasing function, to the rounding of its argument.</summary>
    /// <param name="function">Value and slope; infinite far out.</param>
    /// <param name="start">Where to begin.</param>
    public static double Of(Func<double, (double Value, double Slope)> function, double start)
    {
        var (low, high) = (double.NegativeInfinity, double.PositiveInfinity);
        var (at, reach) = (start, 1.0);
        for (var step = 0; step < MostSteps; step++)
        {
            var (value, slope) = function(at);
            if (value == 0 || double.IsNaN(value))
            {
                return at;
            }

            (low, high) = value < 0 ? (at, high) : (low, at);
            var next = at - value / slope;
            if (!(next > low && next < high) || Math.Abs(next - at) > reach)
            {
                // Outward in growing strides until the root is enclosed, then by halves.
                next = double.IsInfinity(high) ? low + reach : double.IsInfinity(low) ? high - reach : (low + high) / 2;
                reach *= 2;
            }

            if (Math.Abs(next - at) <= 1e-16 * Math.Max(1, Math.Abs(at)) || next == low || next == high)
            {
                return next;
            }

            at = next;
        }

        return at;
    }
}
