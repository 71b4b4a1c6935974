using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Functions whose textbook forms lose their digits, or overflow, in the tails.</summary>
internal static class StableFunctions
{
    private static readonly double Log2 = Math.Log(2);

    /// <summary>log(1 + eˣ).</summary>
    public static Tensor LogOnePlusExp(this Tensor x) => x.neg().log_sigmoid().neg();

    /// <summary>log(1 / cosh x) = log 2 − |x| − log(1 + e^(−2|x|)) = log √(1 − tanh² x).</summary>
    public static Tensor LogSech(this Tensor x)
    {
        var distance = x.abs();
        // log 2 − log(1 + e^(−2|x|)) is log 2 + log σ(2|x|).
        return distance.mul(2).log_sigmoid().sub(distance).add(Log2);
    }

    /// <summary>eˣ, held between the smallest and the greatest normal number of the type; the gradient is 0 where it is held.</summary>
    public static Tensor ExpInRange(this Tensor x)
    {
        var limits = finfo(x.dtype);
        // The argument is held, and not the result, so that no gradient is 0 · ∞. The margin keeps rounding of the logarithms inside.
        return x.clamp(Math.Log(limits.tiny) * (1 - limits.eps), Math.Log(limits.max) * (1 - limits.eps)).exp();
    }

    /// <summary>log x of an x ≥ 0; one that was rounded to 0 counts as the smallest normal number of its type.</summary>
    public static Tensor LogInRange(this Tensor x) => x.clamp_min(finfo(x.dtype).tiny).log();

    /// <summary>At each place of the last axis, the sum of the elements before it.</summary>
    public static Tensor SumBefore(this Tensor x) => x.cumsum(-1).sub(x);

    /// <summary>At each place of the last axis, the sum of the elements after it.</summary>
    public static Tensor SumAfter(this Tensor x)
    {
        // Shifted and not subtracted: a difference of sums would lose the small ones at the end.
        var fromHere = x.flip(-1).cumsum(-1).flip(-1);
        return cat([fromHere.narrow(-1, 1, x.shape[^1] - 1), zeros_like(x.narrow(-1, 0, 1))], -1);
    }

    /// <summary>At each place of the last axis, the sum of the other elements, none of which a great one takes away.</summary>
    public static Tensor SumOfOthers(this Tensor x) => x.flip(-1).SumAfter().flip(-1).add(x.SumAfter());

    /// <summary>Sums the last axes.</summary>
    public static Tensor SumLast(this Tensor x, int axes) => axes == 0 ? x : x.sum([.. Enumerable.Range(1, axes).Select(axis => (long)-axis)]);
}
