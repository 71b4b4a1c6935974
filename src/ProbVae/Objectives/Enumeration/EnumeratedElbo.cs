namespace ProbVae;

/// <summary>The ELBO with exact sums over discrete latent variables of finite support, in the model and in the guide.</summary>
internal sealed class EnumeratedElbo(int particles, bool vectorized, KlRegistry? divergences) : Elbo(particles, vectorized)
{
    internal override bool SumsOut(Latent site, Distribution prior) => IsFinite(prior);

    internal override string? WhyNotTrained(LatentSite posterior) => IsFinite(posterior.Distribution) ? null : base.WhyNotTrained(posterior);

    internal override string Gradient(LatentSite posterior) => IsFinite(posterior.Distribution) ? "exact, through q's probabilities" : base.Gradient(posterior);

    internal override string? HowExact(LatentSite prior, LatentSite? posterior) => posterior is null
        ? $"summed out exactly, K = {prior.Distribution.EnumerateSupport()?.shape[0]} values"
        : posterior.Distribution.EnumerateSupport() is { } elements ? $"exact expectation, K = {elements.shape[0]} values" : null;

    internal override string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order) =>
        divergences is null ? "Elbo.Enumerated was given no closed forms"
        : !divergences.Has(posterior.Distribution, prior.Distribution) ? $"KL({posterior.Distribution.Family} ‖ {prior.Distribution.Family}) is not registered"
        : order.SpoiledBy(prior) is { } other ? $"its prior reads '{other}', which the guide draws from '{prior.Name}'"
        : null;

    internal override bool IsPathwise(LatentSite posterior) => !IsFinite(posterior.Distribution) && base.IsPathwise(posterior);

    internal override (Trace Guide, Trace Model) Runs(ElboPass pass)
    {
        var runs = Enumerate(pass);
        return (runs.Guide, runs.Model);
    }

    internal override ElboEstimate Estimate(ElboPass pass)
    {
        var runs = Enumerate(pass);
        var order = new DependencyOrder(runs.Model, runs.Guide);
        var sites = runs.Model.Sites.Concat(runs.Guide.Sites.OfType<AuxiliarySite>()).Where(site => site is not UnscoredSite);
        var terms = runs.Sums().Select(part => Marginal(part.Factors, part.Variables, runs)).Concat(sites.Select(site => Share(site, runs, order)).OfType<ElboTerm>());
        var estimate = new ElboEstimate(runs.Guide, runs.Model, [.. terms.Select(term => Weighted(term, pass.Step))]);
        return estimate.Values.All(double.IsFinite) ? estimate : throw ImpossibleData.Diagnose(estimate, runs);
    }

    private protected override KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order) => MonteCarloKl(prior, posterior);

    private protected override ElboTerm Weighted(ElboTerm term, long step) => term switch
    {
        MarginalTerm => term,
        NegativeEntropyTerm when HasKlWeights && KlWeightOf(term.Site.Key) != KlWeight.One => throw new ModelException(
            $"WithKlWeight('{term.Site.Name}'): its prior stands in the sum over discrete variables, so it has no KL term of its own that could be weighted."),
        _ => base.Weighted(term, step),
    };

    private protected override string? WhyNotWeighted(KlWeight weight) =>
        weight.FreeNats > 0 ? "Elbo.Enumerated has no free bits; give a weight alone." : null;

    private EnumeratedRuns Enumerate(ElboPass pass) => EnumeratedRuns.Of(pass, (_, posterior) => IsFinite(posterior), SumsOut);

    private static bool IsFinite(Distribution distribution) => distribution.EnumerateSupport() is not null;

    private ElboTerm? Share(Site site, EnumeratedRuns runs, DependencyOrder order) => site switch
    {
        AuxiliarySite own => new AuxiliaryTerm(own, Total(runs.Posterior(own), own, runs)),
        LatentSite prior when runs.Guide.Find(prior.Handle) is LatentSite posterior => runs.IsInSum(site)
            ? new NegativeEntropyTerm(prior, Total(runs.Posterior(posterior), posterior, runs))
            : Kl(prior, posterior, runs, order),
        ObservedSite observed when !runs.IsInSum(site) => new LogLikelihoodTerm(observed, Total(runs.Prior(site), site, runs)),
        _ => null,
    };

    private KlTerm Kl(LatentSite prior, LatentSite posterior, EnumeratedRuns runs, DependencyOrder order)
    {
        var exact = runs.Variable(prior.Handle) is not null;
        var closed = !exact && WhyNotClosedForm(prior, posterior, order) is null;
        var quantity = closed
            ? runs.Quantity(prior, divergences!.ByEvent(posterior.Distribution, prior.Distribution).ToTensor())
            : Factor.Product([runs.Posterior(posterior), runs.Prior(prior).Negated()]);
        return new(prior, Total(quantity, prior, runs), exact || closed);
    }

    private static ScaledTensor Total(Factor quantity, Site site, EnumeratedRuns runs) => runs.Expectation.Total(quantity, site.Weight, runs.Particles);

    private static MarginalTerm Marginal(IReadOnlyList<Factor> factors, IReadOnlyList<EnumeratedVariable> variables, EnumeratedRuns runs)
    {
        var sites = runs.Model.Sites.Where(site => site is not UnscoredSite && factors.Contains(runs.Prior(site))).ToList();
        var weight = sites[0].Weight;
        if (sites.FirstOrDefault(site => site.Weight != weight) is { } other)
        {
            throw new ModelException($"Scale: the sites '{sites[0].Name}' and '{other.Name}' are summed over together and have different weights, {weight} and {other.Weight}; give all of them the same, or the guide a site for {string.Join(", ", variables.Select(variable => variable.Site))}.");
        }

        var totals = new PlatedElimination(LogSums.LogSumExp).Run(factors).Select(result => runs.Expectation.Total(result, weight, runs.Particles)).ToList();
        return new([.. variables.Select(variable => runs.Model[variable.Site])], totals.Count == 1 ? totals[0] : totals.Select(total => total.ToTensor()).Aggregate((sum, next) => sum.add(next)));
    }
}
