namespace ProbVae;

/// <summary>
/// The plates in which one draw has a weight for each element: those that every site stands in that depends on a draw (latent
/// variables, a guide's own variables, the observations that read them, and what they read by way of computed quantities). An
/// observation that reads no draw is the same for all of them, so it is in no weight.
/// </summary>
internal sealed class CommonPlates
{
    private readonly HashSet<Site> _separate = new(ReferenceEqualityComparer.Instance);

    public CommonPlates(Trace model, Trace guide)
    {
        var dependent = new List<Site>(guide.Sites.OfType<AuxiliarySite>());
        var (drawn, blocked, pending) = (false, false, new List<Site>());
        foreach (var site in model.Sites)
        {
            // Reading a blocked site leaves no mark of its own, so from there on every site may vary from draw to draw.
            blocked |= site is BlockedSite;
            var depends = site is LatentSite || blocked || (site.Reads is null ? drawn : site.Reads.Count > 0);
            drawn |= site is LatentSite;
            if (!depends)
            {
                _separate.Add(site);
            }
            else if (site is UnscoredSite)
            {
                pending.Add(site);
            }
            else
            {
                // A computed quantity couples elements only where a later site may read it.
                dependent.AddRange(pending);
                pending.Clear();
                dependent.Add(site);
            }
        }

        Plates = dependent.Count == 0 ? [] : [.. dependent[0].Plates.Where(plate => dependent.TrueForAll(site => site.Plates.Contains(plate)))];
        Subsampled = dependent.SelectMany(site => site.Plates.Except(Plates).Where(plate => plate.Size != plate.Total).Select(plate => (site, plate)))
            .Select(pair => ((Site, Plate)?)pair).FirstOrDefault();
    }

    /// <summary>The plates, the outermost first.</summary>
    public IReadOnlyList<Plate> Plates { get; }

    /// <summary>The product of their total / size.</summary>
    public double Scale => Plates.Aggregate(1.0, (scale, plate) => scale * plate.Scale);

    /// <summary>A site whose elements are subsampled inside one weight; null where there is none.</summary>
    public (Site Site, Plate Plate)? Subsampled { get; }

    /// <summary>Whether a site is the same for all draws.</summary>
    public bool IsSeparate(Site site) => _separate.Contains(site);
}
