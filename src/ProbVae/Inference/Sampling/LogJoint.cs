using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The log density of a run, one number for each of its particles.</summary>
internal static class LogJoint
{
    /// <summary>Sums all sites, each with its weight and its plates, and what else is given.</summary>
    /// <param name="model">The model's run.</param>
    /// <param name="sums">Where discrete variables are summed out: the run that went through all their values; null elsewhere.</param>
    /// <param name="particles">How many particles; null for a run without that axis.</param>
    /// <param name="more">Other logarithms to be counted, whose first axis is the particles'.</param>
    /// <returns>Float64, of shape (particles).</returns>
    public static Tensor ByRow(Trace model, EnumeratedRuns? sums, long? particles, IReadOnlyList<Tensor> more)
    {
        Tensor? sum = null;
        var constant = 0.0;
        void Add(Tensor values, double factor, long rank)
        {
            // Without the particles' axis, or where it is 1, the number is the same for all.
            var hasRows = particles is not null && values.dim() == rank;
            var row = !hasRows ? values.sum(ScalarType.Float64).reshape(1)
                : values.dim() == 1 ? values.to(ScalarType.Float64)
                : values.sum([.. Enumerable.Range(1, (int)values.dim() - 1).Select(axis => (long)axis)], type: ScalarType.Float64);
            sum = sum is null ? (factor == 1 ? row : row.mul(factor)) : sum.add(row, factor);
        }

        foreach (var values in more)
        {
            Add(values, 1, values.dim());
        }

        foreach (var site in model.Sites.Where(site => site is LatentSite or ObservedSite && sums?.IsInSum(site) != true))
        {
            var (score, batch) = (sums is null ? Whole(site).Score() : sums.Prior(site).Log, site.Distribution.BatchShape);
            var elements = particles is null ? batch.Count : batch.Count / batch[0];
            var rank = sums is null ? batch.Rank : score.Values.dim();
            var hasRows = particles is not null && score.Values.dim() == rank;
            var held = Math.Max(1, score.Values.numel() / (hasRows ? score.Values.shape[0] : 1));
            Add(score.Values, score.Factor * site.Scale * elements / held, rank);
            constant += score.Offset * site.Scale * elements;
        }

        foreach (var (factor, weight) in sums is null ? [] : Marginals(sums))
        {
            Add(factor.ByElement(sums!.Particles), weight, factor.Log.dim());
        }

        var total = constant == 0 ? sum! : sum!.add(constant);
        return total.shape[0] == (particles ?? 1) ? total : total.expand(particles ?? 1).contiguous();
    }

    // What a mask leaves out of a prior is read by nobody, and its own prior keeps it in place without a share in the rest.
    private static Site Whole(Site site) => site is LatentSite { Distribution: Masked masked } ? Whole(site with { Distribution = masked.Inner }) : site;

    // log Σ_z of each part; the weight is a handler's.
    private static IEnumerable<(Factor Factor, double Weight)> Marginals(EnumeratedRuns sums)
    {
        foreach (var (factors, variables) in sums.Sums())
        {
            var weights = sums.Model.Sites.Where(site => site is not UnscoredSite && factors.Contains(sums.Prior(site))).Select(site => site.Weight).Distinct().ToList();
            if (weights.Count > 1)
            {
                throw new ModelException($"Scale: sites that are summed over together with {string.Join(", ", variables.Select(variable => variable.Site))} have different weights, {string.Join(" and ", weights)}; give all of them the same.");
            }

            foreach (var factor in new PlatedElimination(LogSums.LogSumExp).Run(factors))
            {
                yield return (factor, weights[0]);
            }
        }
    }
}
