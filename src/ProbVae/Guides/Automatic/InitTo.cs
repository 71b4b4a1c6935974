using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Where the locations of an automatic guide start. An immutable value.</summary>
public abstract class InitTo
{
    private protected InitTo()
    {
    }

    /// <summary>The median of prior draws, number by number in unconstrained space: not far off for priors of heavy tails.</summary>
    /// <param name="draws">How many draws. Range: at least 1.</param>
    public static InitTo Median(int draws = 15) => new OfDraws(AtLeastOne(draws), (sites, stacked) => stacked.sort(0).Values[stacked.shape[0] / 2]);

    /// <summary>The mean of prior draws in the model's own space, or in unconstrained space where it leaves the support.</summary>
    /// <param name="draws">How many draws. Range: at least 1.</param>
    public static InitTo Mean(int draws = 100) => new OfDraws(AtLeastOne(draws), (site, stacked) =>
    {
        var mean = site.Bijection.Forward(stacked).mean([0L]);
        var numbers = site.Support.ContainsAll(mean) ? site.Bijection.Inverse(mean) : null;
        return numbers?.isfinite().all().ToBoolean() == true ? numbers : stacked.mean([0L]);
    });

    /// <summary>The point of each support whose unconstrained numbers are 0: 1 for positive numbers, ½ for probabilities.</summary>
    public static InitTo Feasible { get; } = new AtZero();

    /// <summary>One draw from the prior.</summary>
    public static InitTo Sample { get; } = new BestDraw(1);

    /// <summary>The draw from the prior with the greatest joint density of draw and data, log p(x, z).</summary>
    /// <param name="draws">How many draws. Range: at least 1.</param>
    public static InitTo BestOf(int draws) => new BestDraw(AtLeastOne(draws));

    /// <summary>Given values in the model's own space; sites that are not named start at the median of prior draws.</summary>
    /// <param name="values">A latent variable and its value each: of the shape of one event, or of the whole plates and the event.</param>
    public static InitTo Value(params (Latent Site, TensorLike Value)[] values) => Value(Median(), values);

    /// <summary>Given values in the model's own space, and another start for the sites that are not named.</summary>
    /// <param name="others">Where the other sites start.</param>
    /// <param name="values">A latent variable and its value each: of the shape of one event, or of the whole plates and the event.</param>
    public static InitTo Value(InitTo others, params (Latent Site, TensorLike Value)[] values)
    {
        ArgumentNullException.ThrowIfNull(others);
        ArgumentNullException.ThrowIfNull(values);
        return new Given(others, [.. values]);
    }

    /// <summary>The unconstrained numbers that each site starts at, for the whole of its plates.</summary>
    internal abstract IReadOnlyDictionary<Latent, Tensor> Starts(Prototype prototype);

    private static int AtLeastOne(int draws)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        return draws;
    }

    private sealed class OfDraws(int draws, Func<AutoSite, Tensor, Tensor> summarize) : InitTo
    {
        internal override IReadOnlyDictionary<Latent, Tensor> Starts(Prototype prototype)
        {
            Trace[] runs = [.. Enumerable.Range(0, draws).Select(number => prototype.Draw(number))];
            return prototype.Sites.ToDictionary(
                site => site.Handle,
                site => site.Spread(summarize(site, stack([.. runs.Where(run => run.Find(site.Handle) is LatentSite).Select(run => site.ToUnconstrained(run[site.Handle].Value))]))));
        }
    }

    private sealed class AtZero : InitTo
    {
        internal override IReadOnlyDictionary<Latent, Tensor> Starts(Prototype prototype) =>
            prototype.Sites.ToDictionary(site => site.Handle, site => zeros((site.BatchShape + site.UnconstrainedShape).ToArray(), site.DType, site.Device));
    }

    private sealed class BestDraw(int draws) : InitTo
    {
        internal override IReadOnlyDictionary<Latent, Tensor> Starts(Prototype prototype)
        {
            var runs = Enumerable.Range(0, draws).Select(number => prototype.Draw(number)).Where(run => prototype.Sites.All(site => run.Find(site.Handle) is LatentSite)).ToList();
            var densities = draws == 1 ? [0] : runs.ConvertAll(LogJoint);
            var best = densities.Index().Where(entry => double.IsFinite(entry.Item)).OrderByDescending(entry => entry.Item).Select(entry => runs[entry.Index]).FirstOrDefault()
                ?? throw new ModelException($"InitTo.BestOf({draws}): the joint density of data and latent variables is 0 or not a number at every one of the prior draws; give values with InitTo.Value, or more draws.");
            return prototype.Sites.ToDictionary(site => site.Handle, site => Prototype.Unconstrained(site, best));
        }

        private static double LogJoint(Trace run) => run.Sites.Where(site => site is LatentSite or ObservedSite)
            .Sum(site => site.Total(site.Distribution.ScaledScore(site.Value)).Number);
    }

    private sealed class Given(InitTo others, (Latent Site, TensorLike Value)[] values) : InitTo
    {
        internal override IReadOnlyDictionary<Latent, Tensor> Starts(Prototype prototype)
        {
            var problems = new List<string>();
            var given = new Dictionary<Latent, Tensor>();
            foreach (var (handle, value) in values)
            {
                if (prototype.Sites.FirstOrDefault(site => site.Handle.Equals(handle)) is not { } site)
                {
                    problems.Add($"InitTo.Value: '{handle}' is not among the latent variables that the guide covers: {string.Join(", ", prototype.Sites.Select(known => known.Handle))}.");
                }
                else if (Problem(site, value, out var start) is { } problem)
                {
                    problems.Add(problem);
                }
                else if (!given.TryAdd(handle, start!))
                {
                    problems.Add($"InitTo.Value: '{handle}' was given twice.");
                }
            }

            if (problems.Count > 0)
            {
                throw new ModelException(problems);
            }

            var rest = given.Count == prototype.Sites.Count ? given : others.Starts(prototype);
            return prototype.Sites.ToDictionary(site => site.Handle, site => given.GetValueOrDefault(site.Handle) ?? rest[site.Handle]);
        }

        private static string? Problem(AutoSite site, TensorLike like, out Tensor? start)
        {
            start = null;
            var value = like.ToTensor(site.DType, site.Device).to(site.DType, site.Device);
            var (received, whole) = (new Shape(value.shape), site.BatchShape + site.EventShape);
            if (received != whole && received != site.EventShape)
            {
                return $"InitTo.Value: '{site.Handle}' was given a value of shape {received}; its shape is {whole}{(site.BatchShape.Rank == 0 ? "" : $", or {site.EventShape} for the same value at each element of its plates")}.";
            }

            if (!site.Support.ContainsAll(value))
            {
                return $"InitTo.Value: '{site.Handle}' must be {site.Support}; {Argument.FirstOutside(value, site.Support)}.";
            }

            start = site.Bijection.Inverse(value.expand(whole.ToArray()));
            // Maps onto bounded sets keep numbers of the edge finite, where no gradient leads back from: log 10⁻³⁵ is −80.
            return start.isfinite().all().ToBoolean() && (site.IsReal || start.abs().lt(80).all().ToBoolean()) ? null
                : $"InitTo.Value: the value given for '{site.Handle}' lies on the edge of its support ({site.Support}), which no finite unconstrained number leads to; give one inside.";
        }
    }
}
