using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Logarithms of the moments of x = y^(1/k), in float64, where y is exponential (Weibull) or the least of b uniform numbers
/// (Kumaraswamy): log E xⁿ = K(n/k) with K the cumulants' function of log y, log Γ(1 + t) and for the second less log Γ(b + 1 + t)/Γ(b + 1).
/// </summary>
internal static class LogMoments
{
    // Below this 1/k, K(2/k) − 2 K(1/k) is the sum of its series; the terms left out are below 1e-11 of it.
    private const double SeriesBelow = 1e-3;

    /// <summary>log E xⁿ.</summary>
    /// <param name="shape">k.</param>
    /// <param name="order">n.</param>
    /// <param name="number">b; null for an exponential y.</param>
    public static Tensor OfPower(Tensor shape, double order, Tensor? number = null) => Cumulants(shape.reciprocal().mul(order), number);

    /// <summary>log E x² − 2 log E x, of which 1 − e^(−this) is Var x over E x².</summary>
    /// <param name="shape">k.</param>
    /// <param name="number">b; null for an exponential y.</param>
    public static Tensor Spread(Tensor shape, Tensor? number = null)
    {
        var t = shape.reciprocal();
        var small = t.lt(SeriesBelow);
        var (near, far) = (t.masked_fill(small.logical_not(), 0), t.masked_fill(small, 1));
        var direct = Cumulants(far.mul(2), number).sub(Cumulants(far, number).mul(2));
        // (2ⁿ − 2)/n! times the n-th cumulant of log y: n = 2, 3, 4.
        var series = Cumulant(1).add(near.mul(Cumulant(2).add(near.mul(Cumulant(3)).mul(7.0 / 12))));
        return where(small, series.mul(near.square()), direct);

        Tensor Cumulant(int order)
        {
            var ofOne = ones_like(t).polygamma(order);
            return number is null ? ofOne : ofOne.sub(number.add(1).polygamma(order));
        }
    }

    private static Tensor Cumulants(Tensor t, Tensor? number)
    {
        var ofExponential = t.add(1).lgamma();
        return number is null ? ofExponential : ofExponential.sub(Stirling.LogRising(number.add(1), t));
    }
}
