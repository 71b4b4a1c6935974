namespace ProbVae;

/// <summary>
/// Which latent variables a site's distribution can depend on, in the model and in the guide. KL(q(z|·) ‖ p(z|·)) at drawn
/// values of what both read is unbiased for its term unless the prior reads a variable that the guide draws from z itself:
/// given what z's own guide site reads, z is independent of all but its descendants there.
/// </summary>
internal sealed class DependencyOrder
{
    private readonly Trace _guide;
    private readonly List<LatentSite> _prior;
    private readonly Dictionary<Latent, int> _guidePlace = [];
    private readonly bool _sameOrder;

    public DependencyOrder(Trace model, Trace guide)
    {
        _guide = guide;
        _prior = [.. model.Latents];
        foreach (var site in guide.Latents)
        {
            _guidePlace[site.Handle] = _guidePlace.Count;
        }

        _sameOrder = true;
        for (var i = 1; i < _prior.Count; i++)
        {
            _sameOrder &= Place(_prior[i - 1].Handle) < Place(_prior[i].Handle);
        }
    }

    /// <summary>A variable that the prior of a site reads and that the guide draws from the site; null where there is none.</summary>
    public Latent? SpoiledBy(LatentSite prior)
    {
        if (_sameOrder)
        {
            return null;
        }

        var read = prior.Reads ?? [.. _prior.TakeWhile(site => !site.Handle.Equals(prior.Handle)).Select(site => site.Handle)];
        return read.FirstOrDefault(latent => DrawnFrom(latent, prior.Handle, []));
    }

    // Whether the guide's draw of `latent` depends on `source`, directly or through others.
    private bool DrawnFrom(Latent latent, Latent source, HashSet<Latent> seen)
    {
        if (Place(source) >= Place(latent) || !seen.Add(latent))
        {
            return false;
        }

        var reads = _guide[latent].Reads;
        return reads is null || reads.Any(read => read.Equals(source) || DrawnFrom(read, source, seen));
    }

    private int Place(Latent latent) => _guidePlace.GetValueOrDefault(latent, -1);
}
