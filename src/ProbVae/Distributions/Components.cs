using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The arithmetic of mixtures: quantities of K components along one axis, which stands before those of an event.</summary>
internal static class Components
{
    /// <summary>log Σ wₖ pₖ over the last axis; negative infinity, with gradient 0, where no component has any density.</summary>
    /// <param name="weights">The weights. In a weight that is exactly 0 the gradient is pₖ / Σ wₖ pₖ, which its logarithm could not tell.</param>
    /// <param name="logDensities">log pₖ.</param>
    public static Tensor LogSum(Categorical weights, Tensor logDensities)
    {
        var logs = weights.LogProbs.add(logDensities);
        var none = logs.isneginf().all(-1, keepdim: true);
        if (!is_grad_enabled() || !weights.HasProbs || Extremes.Least(weights.Probs) > 0)
        {
            return logs.masked_fill(none, 0).logsumexp(-1).masked_fill(none.squeeze(-1), double.NegativeInfinity);
        }

        var level = logs.detach().masked_fill(none, 0).logsumexp(-1, keepdim: true);
        var densities = LogProbability.RelativeTo(level, logDensities);
        var sum = weights.Probs.mul(densities).sum(-1, keepdim: true).masked_fill(none, 1);
        return sum.log().add(level).masked_fill(none, double.NegativeInfinity).squeeze(-1);
    }

    /// <summary>Σ wₖ xₖ.</summary>
    public static Tensor Average(Tensor weights, Tensor values, int eventRank) => values.mul(BeforeEvent(weights, eventRank)).sum(dim: -1 - eventRank);

    /// <summary>Σ wₖ (vₖ + (mₖ − m)²), m the mean of the means.</summary>
    public static Tensor Variance(Tensor weights, Tensor means, Tensor variances, int eventRank)
    {
        var distance = means.sub(Average(weights, means, eventRank).unsqueeze(-1 - eventRank));
        var terms = variances.add(distance.square());
        // A component without weight adds nothing, and were it infinite.
        return Average(weights, terms.masked_fill(BeforeEvent(weights, eventRank).eq(0).logical_and(terms.isinf()), 0), eventRank);
    }

    /// <summary>Of draws of every component those of the chosen ones.</summary>
    /// <param name="chosen">The numbers of the components: sample + batch.</param>
    /// <param name="draws">Sample + batch + K + event.</param>
    /// <param name="eventRank">How many axes an event has.</param>
    public static Tensor Pick(Tensor chosen, Tensor draws, int eventRank)
    {
        var sizes = draws.shape;
        sizes[^(1 + eventRank)] = 1;
        return draws.gather(-1 - eventRank, BeforeEvent(chosen.unsqueeze(-1), eventRank).expand(sizes)).squeeze(-1 - eventRank);
    }

    private static Tensor BeforeEvent(Tensor quantity, int eventRank) =>
        eventRank == 0 ? quantity : quantity.reshape([.. quantity.shape, .. Enumerable.Repeat(1L, eventRank)]);
}
