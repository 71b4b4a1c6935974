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

    // Latent variables of the guide whose prior reads one that is summed out, and so stands in the sum.
    private readonly HashSet<Site> _drawn = new(ReferenceEqualityComparer.Instance);

    public ElboFormula(Trace model, Trace guide, Elbo elbo)
    {
        (_elbo, _sites) = (elbo, [.. model.Sites.Concat(guide.Sites.OfType<AuxiliarySite>()).Where(site => site is not UnscoredSite)]);
        _summedOut = new(model.Latents.Where(site => guide.Find(site.Handle) is null), ReferenceEqualityComparer.Instance);
        if (elbo.Weigh(model, guide) is { } weights)
        {
            (_weighs, _outer) = (true, weights.Plates);
            _joined.UnionWith(_sites.Where(site => !weights.IsSeparate(site)));
            NoteDrawn();
        }
        else if (_summedOut.Count > 0)
        {
            _joined.UnionWith(_sites.Where(site => site is ObservedSite || _summedOut.Contains(site)));
            _outer = [.. _joined.First().Plates.Where(plate => _joined.All(site => site.Plates.Contains(plate)))];
            NoteDrawn();
        }
    }

    private void NoteDrawn()
    {
        var handles = _summedOut.Select(site => site.Key).ToHashSet();
        _drawn.UnionWith(_sites.OfType<LatentSite>().Where(site => !_summedOut.Contains(site)
            && (site.Reads?.Any(handles.Contains) ?? _sites.TakeWhile(other => other != site).Any(_summedOut.Contains))));
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
        var gains = string.Join(" + ", Sums(sites.Where(site => site is ObservedSite || _summedOut.Contains(site)), term));
        var costs = sites.Where(site => site is LatentSite or AuxiliarySite && !_summedOut.Contains(site));
        var losses = Sums(costs, site => $"{WeightOf(site)}{term(site)}").Select(cost => $" − {cost}");
        var names = Loops.Names(_sites.Where(_summedOut.Contains).Select(site => site.Name));
        return names.Length == 0 ? $"{gains}{string.Concat(losses)}"
            : IsOneSum ? $"{(_weighs ? "" : Sums(_outer))}log Σ_{{{names}}} exp({gains}){string.Concat(losses)}"
            : $"log Σ_{{{names}}} p({Loops.Names(sites.Where(site => _joined.Contains(site) || _drawn.Contains(site)).Select(site => site.Name))}){(IsWhole ? "" : ", each plate's part scaled to its total")}"
                + string.Concat(Sums(sites.Where(site => site is LatentSite or AuxiliarySite && !_summedOut.Contains(site)), site => $"{(_drawn.Contains(site) ? $"{Sums(site.Plates)}log q({site.Name})" : term(site))}").Select(cost => $" − {cost}"));
    }

    // Whether the sites under the logarithm can be written as sums there: a scale or a weight is a factor of a whole logarithm.
    private bool IsOneSum => _drawn.Count == 0 && _joined.All(site => site.Weight == 1 && site.Plates.Except(_outer).All(plate => plate.Scale == 1));

    private bool IsWhole => _joined.Concat(_drawn).All(site => site.Scale == 1);

    // The bound that is weighed is the one that is ascended; an ELBO is the true one, whatever weight the loss gives its terms.
    private string WeightOf(Site site) => _weighs && _elbo.KlWeightOf(site.Key) is var weight && weight != KlWeight.One ? $"({weight}) " : "";

    // The terms of a loop as one, under the sum over its index.
    private static IEnumerable<string> Sums(IEnumerable<Site> sites, Func<Site, string> term) =>
        Loops.Grouped(sites.Select(site => new[] { site.Name, term(site) })).Select(loop => loop.Sums + loop.Cells[1]);

    private static string Sums(IEnumerable<Plate> plates) =>
        string.Concat(plates.Select(plate => (plate.Scale == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{plate.Scale:G6} ")) + $"Σ_{plate.Name} "));
}
