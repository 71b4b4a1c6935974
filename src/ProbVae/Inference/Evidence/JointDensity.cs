using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The log densities of a run, as importance weights need them: summed over all plates but those that every random site stands in,
/// whose elements are independent and have evidence of their own.
/// </summary>
internal sealed class JointDensity
{
    private readonly IReadOnlyList<Plate> _plates;

    private JointDensity(IReadOnlyList<Plate> plates) => _plates = plates;

    /// <summary>The plates whose elements are apart, in the order of their axes.</summary>
    public IReadOnlyList<Plate> Plates => _plates;

    /// <summary>Finds the plates, and refuses what has no evidence or would get a wrong one.</summary>
    /// <param name="run">A run without particles.</param>
    /// <param name="again">Runs the model again at other values of its latent variables.</param>
    /// <exception cref="ModelException">A minibatch stands for more than it holds, a density is weighted, or the guide misses a part of the prior.</exception>
    public static JointDensity Of(ParticleRun run, Func<Trace, Trace> again)
    {
        var plates = CommonPlates(run);
        var problems = Random(run).SelectMany(site => Problems(site, plates)).Concat(run.Guide is null ? [] : Missed(run.Guide, run.Model).Concat(MaskedReads.Of(run, again))).Distinct().ToList();
        return problems.Count == 0 ? new(plates) : throw new ModelException(problems, MaskedReads.Table(run.Model));
    }

    /// <summary>What sums over all plates but some.</summary>
    /// <param name="plates">The plates whose elements are kept apart.</param>
    public static JointDensity Over(IEnumerable<Plate> plates) => new([.. plates.OrderBy(plate => plate.Axis)]);

    /// <summary>The plates that every random site stands in.</summary>
    public static IReadOnlyList<Plate> CommonPlates(ParticleRun run)
    {
        var last = run.Model.Sites.LastOrDefault(site => site is LatentSite or ObservedSite or BlockedSite);
        var computed = run.Model.Sites.TakeWhile(site => site != last).Where(site => site is DeterministicSite && site.Reads is not { Count: 0 });
        return [.. Random(run).Concat(computed).Select(site => (IEnumerable<Plate>)site.Plates).DefaultIfEmpty([]).Aggregate((common, plates) => common.Intersect(plates)).OrderBy(plate => plate.Axis)];
    }

    /// <summary>log p(x | z), of shape (draws, elements) in double precision.</summary>
    public Tensor LogLikelihood(ParticleRun run) => Sum(run, run.Model.Sites.OfType<ObservedSite>());

    /// <summary>log p(z).</summary>
    public Tensor LogPrior(ParticleRun run) => Sum(run, run.Model.Latents);

    /// <summary>log q(z), with what the guide draws for itself.</summary>
    public Tensor LogGuide(ParticleRun run) => Sum(run, run.Guide!.Sites.Where(site => site is LatentSite or AuxiliarySite));

    /// <summary>log p(x, z) − log q(z), or log p(x | z) where the prior drew.</summary>
    /// <exception cref="NonFiniteException">A weight is NaN or infinite; negative infinity is a weight of 0.</exception>
    public Tensor LogWeights(ParticleRun run)
    {
        if (!CommonPlates(run).SequenceEqual(_plates))
        {
            throw new ModelException(["Evidence: the plates that all sites stand in are not the same in each run, so the elements' weights cannot be added up."], run.Model.ToString());
        }

        var weights = run.Guide is null ? LogLikelihood(run) : run.Sums is { } sums ? LogJoint(sums) - LogGuide(run) : LogPrior(run) + LogLikelihood(run) - LogGuide(run);
        return weights.isnan().logical_or(weights.isposinf()).any().ToBoolean() ? throw NotFinite(run) : weights;
    }

    /// <summary>Sums over all axes after the first but those of the elements.</summary>
    /// <param name="byEvent">Of the shape of a site's batch, perhaps with axes of its event after those.</param>
    /// <param name="particles">Whether its first axis is that of the draws.</param>
    /// <param name="eventRank">How many of its last axes are of the event.</param>
    public Tensor ByElement(Tensor byEvent, bool particles, int eventRank = 0)
    {
        var values = particles ? byEvent : byEvent.unsqueeze(0);
        var kept = _plates.Select(plate => values.dim() - eventRank + plate.Axis).Prepend(0).ToHashSet();
        long[] summed = [.. Enumerable.Range(0, (int)values.dim()).Where(axis => !kept.Contains(axis)).Select(axis => (long)axis)];
        values = values.to(ScalarType.Float64);
        return (summed.Length == 0 ? values : values.sum(summed)).reshape(values.shape[0], -1);
    }

    /// <summary>Spreads a quantity of each element over a site's batch and event.</summary>
    /// <param name="byElement">Of shape (draws, elements).</param>
    /// <param name="site">The site.</param>
    /// <param name="particles">Whether the site's first axis is that of the draws.</param>
    /// <param name="eventRank">How many axes of the event there are.</param>
    public Tensor Spread(Tensor byElement, Site site, bool particles, int eventRank)
    {
        var rank = site.Distribution.BatchShape.Rank;
        var sizes = Enumerable.Repeat(1L, rank + eventRank).ToArray();
        if (particles)
        {
            sizes[0] = byElement.shape[0];
        }

        foreach (var plate in _plates)
        {
            sizes[rank + plate.Axis] = plate.Size;
        }

        return byElement.reshape(sizes);
    }

    // log Σ_z p(x, z, c), z being what the guide leaves out and c its draws.
    private Tensor LogJoint(EnumeratedRuns sums)
    {
        var alone = sums.Model.Sites.Where(site => site is LatentSite or ObservedSite && !sums.IsInSum(site)).Select(sums.Prior);
        return sums.Sums().SelectMany(part => new PlatedElimination(LogSums.LogSumExp).Run(part.Factors)).Concat(alone)
            .Select(factor => ByElement(factor.ByElement(sums.Particles), particles: true)).Aggregate((sum, next) => sum + next);
    }

    private Tensor Sum(ParticleRun run, IEnumerable<Site> sites)
    {
        Tensor? sum = null;
        foreach (var site in sites)
        {
            var density = ByElement(site.LogProb(), run.Particles is not null);
            sum = sum is null ? density : sum + density;
        }

        return sum ?? zeros([run.Particles ?? 1, _plates.Aggregate(1L, (count, plate) => count * plate.Size)], ScalarType.Float64);
    }

    // What draws or is scored; and in which plates it must stand, as a quantity computed before it may be what it reads.
    private static IEnumerable<Site> Random(ParticleRun run) => run.Model.Sites.Where(site => site is LatentSite or ObservedSite or BlockedSite)
        .Concat(run.Guide?.Sites.OfType<AuxiliarySite>() ?? []);

    private static IEnumerable<string> Problems(Site site, IReadOnlyList<Plate> common)
    {
        foreach (var plate in site.Plates.Where(plate => plate.Size != plate.Total && !common.Contains(plate)))
        {
            yield return $"Plate '{plate.Name}' holds {plate.Size} of its {plate.Total} elements, and not all random sites stand in it: log p(x) of all of them is no multiple of that of some. Give the whole data.";
        }

        if (site.Weight != 1)
        {
            yield return $"Site '{site.Name}': its log density is multiplied by {site.Weight}, so it is no density, and the model has no evidence. Use the model without that handler.";
        }
    }

    private static IEnumerable<string> Missed(Trace guide, Trace model) => model.Latents.Where(prior => guide.Find(prior.Handle) is not null)
        .Select(prior => (Prior: prior.Distribution, Posterior: guide[prior.Handle].Distribution, prior.Name))
        .Where(pair => pair.Posterior.Support is Point || (pair is { Posterior.Support: Interval, Prior.Support: Interval } && !pair.Posterior.Support.Covers(pair.Prior.Support)))
        .Select(pair => $"Site '{pair.Name}': the guide's {pair.Posterior.Family} can take only {pair.Posterior.Support}, the prior {pair.Prior.Family} can take {pair.Prior.Support}; what the guide never draws would be missing from the evidence. Use a guide with the prior's support.");

    private static NonFiniteException NotFinite(ParticleRun run) => new(
        ["Evidence: an importance weight is NaN or infinite.", NonFiniteException.FirstAmong(run.Guide?.Sites ?? [], "guide") ?? NonFiniteException.FirstAmong(run.Model.Sites, "model", zeroAllowed: run.Sums is not null) ?? "Each site is finite by itself."],
        run.Model.ToString());
}
