namespace ProbVae;

/// <summary>The sites of one run of a program, in the order in which it came to them.</summary>
public sealed class Trace
{
    private readonly List<Site> _sites = [];
    private readonly Dictionary<SiteHandle, Site> _byHandle = [];

    /// <summary>The sites.</summary>
    public IReadOnlyList<Site> Sites => _sites;

    /// <summary>The latent variables' sites.</summary>
    public IEnumerable<LatentSite> Latents => _sites.OfType<LatentSite>();

    /// <summary>The site of a latent variable.</summary>
    /// <param name="handle">Its handle.</param>
    /// <exception cref="ModelException">The run did not come to it.</exception>
    public LatentSite this[Latent handle] => Require(handle) is var site && site is LatentSite latent
        ? latent
        : throw new ModelException([$"Site '{handle}' is {site.Role} in this run; trace.Find({handle}) gives it as it is."], ToString());

    /// <summary>The site of an observation.</summary>
    /// <param name="handle">Its handle.</param>
    /// <exception cref="ModelException">The run did not come to it.</exception>
    public ObservedSite this[Observed handle] => (ObservedSite)Require(handle);

    /// <summary>The site that a handle names, or null.</summary>
    /// <param name="handle">The handle.</param>
    public Site? Find(SiteHandle handle) => _byHandle.GetValueOrDefault(handle);

    /// <summary>The same sites with another run's log densities, computed now: with the parameters that are held fixed now, though a family may read them late.</summary>
    /// <param name="other">A run of the same program at the same values.</param>
    internal Trace WithDensitiesOf(Trace other)
    {
        var held = new Trace();
        foreach (var site in _sites)
        {
            held.Add(site with { HeldLogProb = other._byHandle[site.Key].LogProb() });
        }

        return held;
    }

    /// <summary>Whether another run came to the same sites with the same numbers.</summary>
    internal bool SameAs(Trace other) => _sites.Count == other._sites.Count && _sites.Zip(other._sites).All(pair =>
        pair.First.Name == pair.Second.Name && pair.First.Distribution.SameArguments(pair.Second.Distribution) && HostNumbers.Same(pair.First.Value, pair.Second.Value));

    internal void Add(Site site)
    {
        _sites.Add(site);
        _byHandle.Add(site.Key, site);
    }

    /// <summary>A table of the sites: role, family, shapes and plates.</summary>
    public override string ToString() => Loops.Table(
        ["site", "role", "family", "batch", "event", "value", "plates"],
        _sites.Select(site => new[]
        {
            site.Name,
            site.Role,
            site.Distribution.Family,
            site.Distribution.BatchShape.ToString(),
            site.Distribution.EventShape.ToString(),
            new Shape(site.Value.shape).ToString(),
            string.Join(", ", site.Plates),
        }));

    private Site Require(SiteHandle handle) => Find(handle)
        ?? throw new ModelException([$"The run came to no site '{handle}'."], ToString());
}
