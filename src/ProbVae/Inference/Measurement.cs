using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// One run of guide and model without particles, before the first step: it tells the shapes of all sites, and finds what a
/// step could not: a support that does not match, a gradient that cannot flow, a network that would not be trained.
/// </summary>
internal sealed record Measurement<TData>(Trace Guide, Trace Model, Layout Layout)
{
    public static Measurement<TData> Of(Model<TData> model, Guide<TData> guide, Elbo elbo, TData data, RandomKey key, TrainableParameters parameters, bool validate)
    {
        // Measuring is no part of training: it leaves running statistics as they were, and gradients to be asked for as before.
        var restoreBuffers = parameters.KeepBuffers();
        try
        {
            return Measure(model, guide, elbo, data, key, parameters, validate);
        }
        finally
        {
            restoreBuffers();
        }
    }

    private static Measurement<TData> Measure(Model<TData> model, Guide<TData> guide, Elbo elbo, TData data, RandomKey key, TrainableParameters parameters, bool validate)
    {
        // The prior run knows the events of the latent variables; the guide's distributions are then read against them.
        Trace prior;
        using (no_grad())
        {
            prior = model.Execute(data, key, new RunSettings(Layout.Unknown, Validate: false));
        }

        var settings = new RunSettings(Layout.Of(prior), Validate: validate);
        var drawn = guide.ExecuteFirst(data, key, () => settings);
        var problems = drawn.Latents.Select(elbo.WhyNotTrained).OfType<string>().ToList();
        problems.AddRange(drawn.Sites.Select(BrokenContract).OfType<string>());
        using var frozen = parameters.Freeze();
        var posterior = guide.Execute(data, key, settings);
        var joint = model.ExecuteFirst(data, key, () => settings with { Replay = posterior, Enumeration = Enumeration.Measuring(elbo.SumsOut) });
        problems.AddRange(joint.Sites.Select(BrokenContract).OfType<string>());
        problems.AddRange(Untrained(posterior, joint));
        problems.AddRange(Uncovered(posterior, joint, guide is AutoGuide<TData> ? ", as guide.Following(model, data) gives: it remakes this automatic guide for the new prior." : "."));
        problems.AddRange(elbo.Misfits(joint, posterior));
        return problems.Count == 0
            ? new Measurement<TData>(posterior, joint, Layout.Of(joint))
            : throw new ModelException(problems, joint.ToString());
    }

    /// <summary>Says of a family that was written outside the library where it does not do what it promises.</summary>
    internal static string? BrokenContract(Site site)
    {
        var broken = (site is LatentSite or AuxiliarySite ? site.Distribution.BrokenDraw(site.Value) : null) ?? site.Distribution.BrokenDensity(site.Value);
        return broken is null ? null : $"Site '{site.Name}': {broken}";
    }

    // With every known parameter held fixed, a gradient that is still asked for belongs to one that nobody would train.
    private static IEnumerable<string> Untrained(Trace guide, Trace model)
    {
        var first = guide.Sites.Select(site => (Site: site, Program: "guide")).Concat(model.Sites.Select(site => (Site: site, Program: "model")))
            .FirstOrDefault(place => place.Site.Distribution.Arguments.Any(argument => argument.Value.requires_grad));
        if (first is { Site: { } site, Program: var program })
        {
            var argument = site.Distribution.Arguments.First(argument => argument.Value.requires_grad);
            yield return $"Site '{site.Name}' ({program}): {site.Distribution.Family}'s {argument.Name} depends on a tensor that asks for a gradient and is no parameter of this inference, so it would not be trained. Name its module with Uses((\"name\", module)), or let the lambda capture the module or a Parameter.";
        }
    }

    /// <summary>Says of each latent variable whose guide can leave the prior's support that it can.</summary>
    internal static IEnumerable<string> Uncovered(Trace guide, Trace model, string wayOut) => model.Latents.Where(prior => guide.Find(prior.Handle) is not null)
        .Select(prior => (Prior: prior, Posterior: guide[prior.Handle].Distribution))
        .Where(pair => !OverEvents(pair.Prior.Distribution).Covers(OverEvents(pair.Posterior)))
        .Select(pair => $"Site '{pair.Prior.Name}': the guide's {pair.Posterior.Family} can take {pair.Posterior.Support}, the prior {pair.Prior.Distribution.Family} only {pair.Prior.Distribution.Support}; use a guide family with that support{wayOut}");

    // Each support over whole events, so that a vector of independent normals is held against a multivariate normal axis by axis.
    private static Support OverEvents(Distribution distribution) =>
        distribution.Support is var support && support is not Point && distribution.EventShape.Rank > support.EventRank
            ? new IndependentSupport(support, distribution.EventShape.Rank - support.EventRank)
            : support;
}
