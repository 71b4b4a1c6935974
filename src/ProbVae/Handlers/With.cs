namespace ProbVae;

/// <summary>
/// The swap of a distribution: another prior or likelihood at one site, from outside the model. It is the site's own distribution that
/// is swapped, whatever other handlers do there and in whatever order they were called: a conditioned variable is scored under it, a
/// decentered one is computed from its location and scale.
/// </summary>
public static class WithHandler
{
    /// <summary>The same model with another distribution at one site.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">A latent variable or an observation of this model.</param>
    /// <param name="distribution">The new prior or likelihood, the same for all data.</param>
    /// <exception cref="ModelException">The model declares no such site.</exception>
    public static Model<TData> With<TData>(this Model<TData> model, SiteHandle site, Distribution distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        return With(model, site, (_, _, _) => new Source(() => distribution, Constant: true, DeclaresReads: true));
    }

    /// <summary>The same model with another distribution at one site, made from the latent variables before it.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">A latent variable or an observation of this model.</param>
    /// <param name="distribution">Makes the new prior or likelihood.</param>
    /// <exception cref="ModelException">The model declares no such site.</exception>
    public static Model<TData> With<TData>(this Model<TData> model, SiteHandle site, Func<Scope<TData>, Distribution> distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        return With(model, site, (run, data, _) => new Source(() => distribution(new Scope<TData>(run, data)), DeclaresReads: true));
    }

    /// <summary>The same model with another distribution at one site, made from the old one.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">A latent variable or an observation of this model.</param>
    /// <param name="distribution">Makes the new prior or likelihood from the latent variables before it and the old distribution.</param>
    /// <exception cref="ModelException">The model declares no such site.</exception>
    public static Model<TData> With<TData>(this Model<TData> model, SiteHandle site, Func<Scope<TData>, Distribution, Distribution> distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        return With(model, site, (run, data, old) => old with { Make = () => distribution(new Scope<TData>(run, data), old.Make()) });
    }

    /// <summary>The same model with a latent variable's prior made of latent variables of its own: a hyperprior, a mixture's scale.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">A latent variable of this model.</param>
    /// <param name="brings">The handles of what the prior samples, made by <c>new Latent("tau")</c>. A guide samples them too.</param>
    /// <param name="prior">Samples them, in the plates of <paramref name="site"/>, and makes the prior from their values.</param>
    /// <exception cref="ModelException">The model declares no such site, or has a site of such a name.</exception>
    public static Model<TData> With<TData>(this Model<TData> model, Latent site, IReadOnlyList<Latent> brings, Func<Run, Distribution> prior)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(brings);
        ArgumentNullException.ThrowIfNull(prior);
        if (model.Declared?.Sites.FirstOrDefault(own => brings.Any(brought => brought.Name == own.Name)) is { } taken)
        {
            throw new ModelException($"With('{site}'): its prior brings a site named '{taken}', and the model '{model.Name}' has one; give the new one another name.");
        }

        var swapped = With(model, site, (run, _, _) =>
        {
            var made = prior(run);
            return new Source(() => made);
        });
        var rules = swapped.Rules with { Delegates = swapped.Rules.Delegates.Add(prior) };
        return swapped.Handled("With", site, rules, declared => brings.Aggregate(declared, (known, brought) => known.WithLatent(brought, declared.PlatesOf(site))));
    }

    /// <summary>Refuses a site without a distribution of its own.</summary>
    internal static void RequireDistribution(string word, SiteHandle site)
    {
        ArgumentNullException.ThrowIfNull(site);
        if (site is Deterministic)
        {
            throw new ModelException($"{word}('{site}'): that site is computed and has no distribution; change a site that it is computed from.");
        }
    }

    private static Model<TData> With<TData>(Model<TData> model, SiteHandle site, Swap<TData> swap)
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireDistribution("With", site);
        Swap<TData> composed = model.Rules.Swaps.TryGetValue(site, out var earlier) ? (run, data, old) => swap(run, data, earlier(run, data, old)) : swap;
        return model.Handled("With", site, model.Rules with { Swaps = model.Rules.Swaps.SetItem(site, composed) });
    }
}
