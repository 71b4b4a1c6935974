using System.Globalization;

namespace ProbVae;

/// <summary>An objective as a formula: which sites stand under the logarithm of a sum, and which plates' sums stand before it.</summary>
internal sealed class ElboFormula
{
    private readonly Elbo _elbo;
    private readonly List<Site> _sites;
    private readonly HashSet<Site> _summedOut;
    private readonly HashSet<Site> _joined = new(ReferenceEqualityComparer.Instance);
    private readonly IReadOnlyList<Plate> _outer = [];
    private readonly bool _weighs;

    public ElboFormula(Trace model, Trace guide, Elbo elbo)
    {
        (_elbo, _sites) = (elbo, [.. model.Sites.Concat(guide.Sites.OfType<AuxiliarySite>()).Where(site => site is not UnscoredSite)]);
        _summedOut = new(model.Latents.Where(site => guide.Find(site.Handle) is null), ReferenceEqualityComparer.Instance);
        if (elbo.Weigh(model, guide) is { } weights)
        {
            (_weighs, _outer) = (true, weights.Plates);
            _joined.UnionWith(_sites.Where(site => !weights.IsSeparate(site)));
        }
        else if (_summedOut.Count > 0)
        {
            _joined.UnionWith(_sites.Where(site => site is ObservedSite || _summedOut.Contains(site)));
            _outer = [.. _joined.First().Plates.Where(plate => _joined.All(site => site.Plates.Contains(plate)))];
        }
    }

    /// <summary>The sums over plates before a site's term.</summary>
    public string SumsOf(Site site) => Sums(site.Plates.Except(_joined.Contains(site) ? _outer : []));

    /// <summary>The whole.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="term">A site's term.</param>
    public string Text(string model, Func<Site, string> term) => _weighs
        ? _elbo.Formula(model, Total(_joined, term), Sums(_outer), Total(_sites.Except(_joined, ReferenceEqualityComparer.Instance).OfType<Site>(), term), _outer)
        : _elbo.Formula(model, Total(_sites, term), "", "", []);

    private string Total(IEnumerable<Site> counted, Func<Site, string> term)
    {
        var sites = _sites.Where(counted.ToHashSet<Site>(ReferenceEqualityComparer.Instance).Contains).ToList();
        var gains = string.Join(" + ", sites.Where(site => site is ObservedSite || _summedOut.Contains(site)).Select(term));
        var costs = sites.Where(site => site is LatentSite or AuxiliarySite && !_summedOut.Contains(site)).Select(site => $" − {term(site)}");
        var names = string.Join(", ", _sites.Where(_summedOut.Contains).Select(site => site.Name));
        return $"{(names.Length == 0 ? gains : $"{Sums(_outer)}log Σ_{{{names}}} exp({gains})")}{string.Concat(costs)}";
    }

    private static string Sums(IEnumerable<Plate> plates) =>
        string.Concat(plates.Select(plate => (plate.Scale == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{plate.Scale:G6} ")) + $"Σ_{plate.Name} "));
}
