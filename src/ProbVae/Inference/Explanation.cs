using System.Globalization;

namespace ProbVae;

/// <summary>What an objective derived from a model and its guide.</summary>
/// <param name="Formula">The ELBO as a formula.</param>
/// <param name="Sites">A row for each site.</param>
public sealed record Explanation(string Formula, IReadOnlyList<ExplainedSite> Sites)
{
    internal static Explanation Of<TData>(string model, Measurement<TData> measured, Elbo elbo)
    {
        var order = new DependencyOrder(measured.Model, measured.Guide);
        var formula = new ElboFormula(measured.Model, measured.Guide, elbo);
        var sites = measured.Model.Sites.Concat(measured.Guide.Sites.OfType<AuxiliarySite>())
            .ToDictionary<Site, Site, ExplainedSite>(site => site, site => Explain(site, formula.SumsOf(site), measured.Guide, elbo, order), ReferenceEqualityComparer.Instance);
        return new Explanation(formula.Text(model, site => sites[site].Term), [.. sites.Values]);
    }

    /// <summary>Says what a plate that sees a part of its elements does with them.</summary>
    internal static string Part(Plate plate) => string.Create(
        CultureInfo.InvariantCulture,
        $"Plate '{plate.Name}': the data has {plate.Size} of its {plate.Total} elements, whose log densities count {plate.Scale:G5} times each. If that is all the data there is, the total is {plate.Size}: write total: {plate.Size}, or total: data => its length.");

    // Minibatches are a small part of the data; what is most of it may be all of it, and the total a mistake.
    private string Doubts => string.Concat(Sites.SelectMany(site => site.Plates).Distinct().Where(plate => plate.Rows is null && plate.Size < plate.Total && 2 * plate.Size > plate.Total)
        .Select(plate => Environment.NewLine + Part(plate)));

    /// <summary>The formula and the table, in which a loop is one sum and one row.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Formula, "", Table) + Doubts;

    private string Table => Loops.Table(
        ["site", "role", "family", "batch", "event", "plates", "scale", "gradient", "term"],
        Sites.Select(site => new[] { site.Name, site.Role, site.Family, site.Batch.ToString(), site.Event.ToString(), string.Join(", ", site.Plates), site.Scale.ToString("G6", CultureInfo.InvariantCulture), site.Gradient, site.How }));

    private static ExplainedSite Explain(Site site, string sums, Trace guide, Elbo elbo, DependencyOrder order)
    {
        var (batch, events) = (site.Distribution.BatchShape, site.Distribution.EventShape);
        var plates = site.Plates;
        var factor = (site.Weight == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{site.Weight:G6} ")) + sums;
        if (site is UnscoredSite)
        {
            return new(site.Name, site.Role, site.Distribution.Family, batch, events, plates, 1, "", "", "none: it is in no density");
        }

        if (site is AuxiliarySite)
        {
            return new(site.Name, site.Role, site.Distribution.Family, batch, events, plates, site.Scale, elbo.AuxiliaryGradient, $"log q({site.Name})", $"log q at the draws{Weight(elbo, site)}");
        }

        if (site is not LatentSite prior)
        {
            return new(site.Name, site.Role, site.Distribution.Family, batch, events, plates, site.Scale, "through what it reads", $"{factor}log p({site.Name}{Given(site)})", "log p at the draws");
        }

        if (guide.Find(prior.Handle) is not LatentSite posterior)
        {
            return new(site.Name, site.Role, site.Distribution.Family, batch, events, plates, site.Scale, "through what it reads", $"{factor}log p({site.Name}{Given(site)})", elbo.HowExact(prior, null) ?? "");
        }

        var why = elbo.WhyNotClosedForm(prior, posterior, order);
        var family = $"{posterior.Distribution.Family} ‖ {prior.Distribution.Family}";
        return new(site.Name, site.Role, family, batch, events, plates, site.Scale,
            elbo.Gradient(posterior),
            $"{factor}{(why is null ? $"KL(q({site.Name}{Given(posterior)}) ‖ p({site.Name}{Given(site)}))" : $"log q({site.Name}{Given(posterior)}) / p({site.Name}{Given(site)})")}",
            $"{elbo.HowExact(prior, posterior) ?? (why is null ? "KL in closed form" : posterior.Distribution is Delta ? "−log p at the guide's point" : $"KL by Monte Carlo: {why}")}{Weight(elbo, site)}");
    }

    private static string Weight(Elbo elbo, Site site) => elbo.KlWeightOf(site.Key) is var weight && weight == KlWeight.One ? "" : $"; weight in the loss: {weight}";

    private static string Given(Site site) => site.Reads switch
    {
        null => " | …",
        { Count: 0 } => "",
        { } reads => $" | {string.Join(", ", reads.Distinct())}",
    };
}

/// <summary>What was derived for one site.</summary>
/// <param name="Name">The site's name.</param>
/// <param name="Role">Latent, observed, or what else it is.</param>
/// <param name="Family">The likelihood's family; for a latent variable the guide's and the prior's.</param>
/// <param name="Batch">Its batch shape without particles.</param>
/// <param name="Event">Its event shape.</param>
/// <param name="Plates">The plates it stands in.</param>
/// <param name="Scale">What its log density is multiplied with.</param>
/// <param name="Gradient">How the gradient flows.</param>
/// <param name="Term">Its term in the formula.</param>
/// <param name="How">How the term is computed, and why so.</param>
public sealed record ExplainedSite(string Name, string Role, string Family, Shape Batch, Shape Event, IReadOnlyList<Plate> Plates, double Scale, string Gradient, string Term, string How)
{
    /// <summary>The site, its term and how that is computed.</summary>
    public override string ToString() => $"{Name}: {Role}, {Family}{(Term.Length == 0 ? "" : $"; {Term}")}{(How.Length == 0 ? "" : $"; {How}")}";
}
