using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// One run of guide and model before the first of many, in which each draw is a leaf of the graph. Its number of particles equals no
/// other size, so that no axis is taken for theirs; and its graph tells what carries the gradient of which draw.
/// </summary>
/// <param name="elbo">Runs the two programs.</param>
/// <param name="guide">The guide.</param>
/// <param name="model">The model.</param>
/// <param name="data">The data.</param>
/// <param name="key">Where the draws come from.</param>
/// <param name="settings">Layout and particles.</param>
internal sealed class Trial<TData>(Elbo elbo, Guide<TData> guide, Model<TData> model, TData data, RandomKey key, RunSettings settings)
{
    // Beyond so many a loop's sites repeat each other, and each costs a pass through the graph.
    private const int MostSites = 100;
    private const int MostReruns = 8;

    /// <summary>The least number of particles, from 2, that is the size of no axis of the tensors.</summary>
    public static long FreshCount(IEnumerable<Tensor> tensors)
    {
        var taken = tensors.Where(tensor => !tensor.IsInvalid).SelectMany(tensor => tensor.shape).ToHashSet();
        return Enumerable.Range(2, int.MaxValue - 2).Select(count => (long)count).First(count => !taken.Contains(count));
    }

    /// <summary>Says which sites read a draw and lost its particles.</summary>
    /// <param name="sites">Sites of a run whose draws ask for gradients, and nothing else does.</param>
    /// <param name="count">The number of particles, which is the size of no other axis.</param>
    public static IEnumerable<string> LostParticles(IEnumerable<Site> sites, long count) =>
        from site in sites
        from argument in site.Distribution.Arguments
        where argument.Value.requires_grad && !argument.Value.shape.Contains(count)
        select $"Site '{site.Name}': {site.Distribution.Family}'s {argument.Name}, of shape {new Shape(argument.Value.shape)}, was made from draws whose {count} particles are their first axis, and has lost them; reduce over the last axes only (sum(-1)), take elements from the last axes ([.., 0]), or run the particles one by one: vectorized: false.";

    /// <summary>Whether programs take a leading axis of draws, found out with a number of them that no other axis has.</summary>
    /// <param name="guide">The guide; null where the model draws from its prior.</param>
    /// <param name="model">The model; null for the guide alone.</param>
    /// <param name="data">The data.</param>
    /// <param name="key">Where the draws come from.</param>
    /// <param name="settings">With that number of particles.</param>
    /// <param name="parameters">Those of the programs.</param>
    public static bool TakesParticles(Guide<TData>? guide, Model<TData>? model, TData data, RandomKey key, RunSettings settings, TrainableParameters parameters)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        using var frozen = parameters.Freeze();
        settings = settings with { Leaf = static (_, drawn) => drawn.is_floating_point() ? drawn.detach().clone().requires_grad_().mul(1) : drawn };
        try
        {
            var guided = guide?.Execute(data, key, settings);
            var modelled = model is null ? null : guided is null ? model.Execute(data, key, settings)
                : EnumeratedRuns.OfModel(run => model.Execute(data, key, run), settings, guided, (_, prior) => prior.EnumerateSupport() is not null).Model;
            return !LostParticles([.. guided?.Sites ?? [], .. modelled?.Sites ?? []], settings.Particles!.Value).Any();
        }
        catch (Exception refusal) when (refusal is ModelException or ArgumentException or ExternalException)
        {
            return false;
        }
    }

    /// <summary>What is said of programs that cannot run with the number of particles of a trial.</summary>
    /// <param name="refusal">What they met.</param>
    /// <param name="count">That number.</param>
    /// <param name="asked">The number that was asked for.</param>
    public static ModelException Refused(Exception refusal, long count, long asked) => new(
        [
            .. refusal is ModelException { Problems: var sentences } ? sentences : [TorchRefusal.Is(refusal) ? $"torch refused what a program does: {TorchRefusal.Words(refusal)}." : refusal.Message.Split('\n')[0].Trim()],
            $"The shapes were tried with {count} particles, the size of no other axis. With {asked} the program runs only because another axis has that size too, and one would be taken for the other.",
        ],
        (refusal as ModelException)?.Sites,
        refusal);

    /// <summary>Runs both programs and says what is wrong with the shapes, and, where it is asked for, with the gradients.</summary>
    public IReadOnlyList<string> Problems(bool gradients)
    {
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var run = Run(key);
        List<string> problems = settings.Particles is { } count ? [.. LostParticles(run.Guide.Sites.Concat(run.Model.Sites), count)] : [];
        if (gradients && problems.Count == 0)
        {
            problems.AddRange(Unread(run));
        }

        return problems;
    }

    private Drawn Run(RandomKey from, Drawn? other = null, (Drawn First, Latent Latent)? inGuide = null, IReadOnlyCollection<Latent>? inModel = null)
    {
        Dictionary<SiteHandle, Tensor> inner = [], outer = [];
        Tensor Leaf(SiteHandle site, Tensor drawn, Dictionary<SiteHandle, Tensor> leaves)
        {
            if (!drawn.is_floating_point())
            {
                return drawn;
            }

            // What a program changes in place must be no leaf.
            leaves[site] = drawn.detach().clone().requires_grad_();
            return leaves[site].mul(1);
        }

        // Within the guide, what is drawn from the changed draw keeps its value, so that only what reads it differs.
        Tensor Held(SiteHandle site, Tensor drawn) => inGuide is not { } change ? drawn
            : (change.Latent.Equals(site) ? other! : change.First).Guide.Find(site)?.Value ?? drawn;

        Trace Cut(Trace trace)
        {
            var cut = new Trace();
            foreach (var site in trace.Sites)
            {
                var value = site is LatentSite latent && inModel?.Contains(latent.Handle) == true ? other!.Guide.Find(site.Key)!.Value : site.Value;
                cut.Add(site is LatentSite posterior && Follows(posterior) ? site with { Value = Leaf(site.Key, value, outer) } : site);
            }

            return cut;
        }

        var (guided, modelled) = elbo.Runs(new ElboPass(
            run => Cut(guide.Execute(data, from, run with { Leaf = (site, drawn) => Leaf(site, Held(site, drawn), inner) })),
            run => model.Execute(data, from, run), settings, static () => no_grad(), this, 0));
        return new(guided, modelled, inner, outer);
    }

    private bool Follows(LatentSite posterior) => elbo.IsPathwise(posterior) || posterior.Distribution.EnumerateSupport() is null;

    // What reads a draw and does not carry its gradient: a number that was taken out of torch, a detached tensor, no_grad, a whole number.
    private IEnumerable<string> Unread(Drawn first)
    {
        var pathwise = first.Guide.Latents.Where(site => elbo.IsPathwise(site) && site.Value.is_floating_point()).Select(site => site.Handle).ToList();
        if (pathwise.Count == 0)
        {
            yield break;
        }

        Drawn? other = null;
        foreach (var (site, latent) in Suspects(first.Guide, pathwise, first.Inner).ToList())
        {
            other ??= Run(key.Fold("other draws"));
            if (Differ(first.Guide, site, () => Run(key, other, inGuide: (first, latent)).Guide) && !Differ(first.Guide, site, () => Run(key).Guide))
            {
                yield return Sentence(site, "of the guide ", latent);
            }
        }

        // A latent variable that a handler gave a value is none of the guide's.
        pathwise.RemoveAll(latent => first.Model.Find(latent) is not LatentSite replayed || !ReferenceEquals(replayed.Value, first.Guide[latent].Value));
        var suspects = Suspects(first.Model, pathwise, first.Outer).ToList();
        if (suspects.Count == 0)
        {
            yield break;
        }

        other ??= Run(key.Fold("other draws"));
        var all = Run(key, other, inModel: pathwise).Model;
        suspects.RemoveAll(pair => !Differ(first.Model, pair.Site, () => all));
        foreach (var group in suspects.GroupBy(pair => pair.Latent).Take(MostReruns).ToList())
        {
            var one = Run(key, other, inModel: [group.Key]).Model;
            foreach (var (site, latent) in group.Where(pair => Differ(first.Model, pair.Site, () => one)).Take(1).Where(pair => !Differ(first.Model, pair.Site, () => Run(key).Model)))
            {
                yield return Sentence(site, "", latent);
            }
        }
    }

    private static string Sentence(Site site, string program, Latent latent) =>
        $"Site '{site.Name}' {program}reads '{latent}' and carries none of its gradient, so '{latent}' would not learn from it: the value was taken out of torch (ToDouble, item), detached, rounded or compared, or computed under no_grad. Compute with the tensor itself; where there is no gradient by nature, choose an estimator that needs none: Elbo.Trace().At({latent}, SiteChoice.ScoreFunction()) or Elbo.ReweightedWakeSleep(draws).";

    // Pairs of a site and a draw that it may read, whose gradient its distribution does not carry.
    private static IEnumerable<(Site Site, Latent Latent)> Suspects(Trace trace, List<Latent> pathwise, Dictionary<SiteHandle, Tensor> leaves)
    {
        var earlier = new List<Latent>();
        foreach (var site in trace.Sites.Take(MostSites))
        {
            var candidates = (site.Reads?.Distinct() ?? earlier).Where(latent => pathwise.Contains(latent) && leaves.ContainsKey(latent) && !latent.Equals(site.Key)).ToList();
            if (candidates.Count > 0 && site is not UnscoredSite)
            {
                var reached = Reached(site, [.. candidates.Select(latent => leaves[latent])]);
                for (var i = 0; i < candidates.Count; i++)
                {
                    if (!reached[i])
                    {
                        yield return (site, candidates[i]);
                    }
                }
            }

            if (site is LatentSite { Handle: var own })
            {
                earlier.Add(own);
            }
        }
    }

    private static bool[] Reached(Site site, Tensor[] leaves)
    {
        var ends = site.Distribution.Arguments.Select(argument => argument.Value).Where(value => value.requires_grad).ToList();
        if (ends.Count == 0 && site is ObservedSite && site.Score().Values is { requires_grad: true } score)
        {
            ends.Add(score);
        }

        try
        {
            return ends.Count == 0 ? new bool[leaves.Length] : Gradients.Reach(ends, leaves);
        }
        catch (ExternalException)
        {
            // A graph that libtorch cannot walk tells nothing here: the step's own backward pass says what is wrong with it.
            return [.. leaves.Select(_ => true)];
        }
    }

    // A run that fails at other draws tells nothing.
    private static bool Differ(Trace first, Site site, Func<Trace> again)
    {
        try
        {
            return again().Sites.FirstOrDefault(other => other.Name == site.Name) is { } other && !(site.Distribution.SameArguments(other.Distribution)
                && (site is not ObservedSite || HostNumbers.Same(site.Score().ToTensor(), other.Score().ToTensor())));
        }
        catch (Exception failure) when (failure is ModelException or ArgumentException or ExternalException)
        {
            return false;
        }
    }

    // What a run gave: the draws as leaves within the guide, and as the model got them.
    private sealed record Drawn(Trace Guide, Trace Model, Dictionary<SiteHandle, Tensor> Inner, Dictionary<SiteHandle, Tensor> Outer);
}
