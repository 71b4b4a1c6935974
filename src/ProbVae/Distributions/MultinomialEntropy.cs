using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The entropy of n draws into categories, at a cost that does not grow with n, within 1e-6. With n! = nⁿ e⁻ⁿ e^r(n) it is
/// Σ E[r(xₖ) + xₖ log(xₖ/mₖ) − xₖ + mₖ] − r(n) over the marginals xₖ ~ Binomial(n, pₖ) of mean mₖ = n pₖ. A category's expectation is a
/// <see cref="CountSum"/>, from m = 10⁴ on ½ log 2πm + q/2 + (1 − q − q²)/12m with q = 1 − p, by the binomial's moments, to O(1/m²)
/// (Knessl 1998, Integral Representations and Asymptotic Expansions for Shannon and Renyi Entropies). In float64.
/// </summary>
internal static class MultinomialEntropy
{
    private const double ExpandedFrom = 1e4;
    private const double VisitedUpTo = 1024;

    /// <summary>Whether a total is so great that a sum over every count up to it is not the way.</summary>
    public static bool IsFor(Tensor total) => Extremes.Greatest(total) > VisitedUpTo;

    /// <summary>The entropy.</summary>
    /// <param name="total">n.</param>
    /// <param name="probs">pₖ along the last axis.</param>
    /// <param name="others">1 − pₖ, which the caller may know more exactly.</param>
    public static Tensor Of(Tensor total, Tensor probs, Tensor others)
    {
        var none = probs.eq(0);
        var (p, q, n) = (probs.masked_fill(none, 1), others.masked_fill(none, 0), total.unsqueeze(-1));
        var mean = n.mul(p);
        var large = mean.gt(ExpandedFrom);
        var inverse = mean.clamp_min(ExpandedFrom).reciprocal();
        var expansion = inverse.log().neg().add(Math.Log(2 * Math.PI)).add(q).mul(0.5).add((1 - q - q.square()).mul(inverse).div(12));
        // What is not summed is one count of no draw.
        var sums = SumOf(n.masked_fill(large, 0), p.masked_fill(large, 1), q.masked_fill(large, 0));
        return where(large, expansion, sums).masked_fill(none, 0).sum(dim: -1).sub(Stirling.LogFactorialRest(total));
    }

    /// <summary>The counts of a binomial that have any mass.</summary>
    public static CountSum Marginal(Tensor total, Tensor probs, Tensor others) => CountSum.Over([total, probs, others], numbers =>
    {
        var (n, mean) = (numbers[0], numbers[0] * numbers[1]);
        var reach = 10 * Math.Sqrt(mean * numbers[2]) + 40;
        return new(mean - reach, mean + reach, count => 1 / (count + 1) + 1 / (n - count + 1), n);
    });

    private static Tensor SumOf(Tensor total, Tensor probs, Tensor others)
    {
        var shares = stack([.. broadcast_tensors(probs, others)], -1);
        return Marginal(total, probs, others).Expect(
            count => Stirling.LogMultinomialMass(total, stack([.. broadcast_tensors(count, total.sub(count))], -1), shares, LogProbability.LogOf(shares)),
            (count, _) => Stirling.LogFactorialRest(count).add(Stirling.Deviance(total.mul(probs).sub(count), total.mul(probs), count)));
    }
}
