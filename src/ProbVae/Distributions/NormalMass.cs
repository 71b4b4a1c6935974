using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Masses of intervals under Normal(0, 1), relative to the density at the interval's point e nearest 0, so that the far tails neither
/// underflow nor cancel.
/// </summary>
internal static class NormalMass
{
    private static readonly double RootTwo = Math.Sqrt(2);
    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>Φ(z), exact in the lower tail.</summary>
    public static Tensor Cdf(Tensor z) => z.div(-RootTwo).erfc().mul(0.5);

    /// <summary>log ∫ exp(−(z² − e²)/2) dz / √2π over the interval.</summary>
    /// <param name="lower">Lower bounds.</param>
    /// <param name="upper">Upper bounds.</param>
    /// <param name="width">Upper less lower, without the difference's rounding.</param>
    public static Tensor Log(Tensor lower, Tensor upper, Tensor width)
    {
        var straddles = Straddles(lower, upper);
        var nearest = Nearest(lower, upper);
        var narrow = width.mul(nearest.add(1)).lt(0.2).logical_and(straddles.logical_not());
        return where(straddles, Across(lower, upper, straddles), where(narrow, Narrow(nearest, width, narrow), Tail(nearest, width, straddles.logical_or(narrow))));
    }

    /// <summary>Whether 0 lies between the bounds.</summary>
    public static Tensor Straddles(Tensor lower, Tensor upper) => lower.lt(0).logical_and(upper.gt(0));

    /// <summary>|e|.</summary>
    public static Tensor Nearest(Tensor lower, Tensor upper) => lower.maximum(upper.neg()).clamp_min(0);

    /// <summary>log e^(u²/2) erfc(u/√2): the upper tail's mass beyond u relative to the density at u, up to a constant.</summary>
    public static Tensor LogTail(Tensor u) => u.div(RootTwo).Erfcx().log();

    private static Tensor Across(Tensor lower, Tensor upper, Tensor straddles)
    {
        var elsewhere = straddles.logical_not();
        var (low, high) = (lower.masked_fill(elsewhere, -1), upper.masked_fill(elsewhere, 1));
        return high.div(RootTwo).erf().sub(low.div(RootTwo).erf()).mul(0.5).log();
    }

    private static Tensor Tail(Tensor nearest, Tensor width, Tensor elsewhere)
    {
        var (u, w) = (nearest.masked_fill(elsewhere, 0), width.masked_fill(elsewhere, 1));
        var beyond = w.mul(w.add(u.mul(2))).mul(-0.5).exp().mul(u.add(w).div(RootTwo).Erfcx());
        return u.div(RootTwo).Erfcx().sub(beyond).mul(0.5).log();
    }

    // By the density's series about the middle: the next term is below 1e-13.
    private static Tensor Narrow(Tensor nearest, Tensor width, Tensor narrow)
    {
        var elsewhere = narrow.logical_not();
        var (u, half) = (nearest.masked_fill(elsewhere, 0), width.masked_fill(elsewhere, 0.1).mul(0.5));
        var (a, b) = (half.mul(u.add(half)).square(), half.square());
        var second = a.sub(b).div(6);
        var fourth = a.square().sub(a.mul(b).mul(6)).add(b.square().mul(3)).div(120);
        var sixth = a.mul(a).mul(a).sub(a.square().mul(b).mul(15)).add(a.mul(b).mul(b).mul(45)).sub(b.mul(b).mul(b).mul(15)).div(5040);
        return half.mul(2).log().sub(LogRootTwoPi).sub(half.mul(half.add(u.mul(2))).mul(0.5)).add(second.add(fourth).add(sixth).log1p());
    }
}
