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
        var shares = new EnumeratedTerms(runs, (prior, posterior) => WhyNotClosedForm(prior, posterior, order) is null
            ? divergences!.ByEvent(posterior.Distribution, prior.Distribution).ToTensor()
            : null);
        var estimate = new ElboEstimate(runs.Guide, runs.Model, [.. shares.All.Select(share => Weighted(share.Term, pass.Step))]);
        return estimate.Values.All(double.IsFinite) ? estimate : throw ImpossibleData.Diagnose(estimate, runs);
    }

    private protected override KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order, bool known) => MonteCarloKl(prior, posterior, known);

    private protected override string? WhyNotWeighted(KlWeight weight) =>
        weight.FreeNats > 0 ? "Elbo.Enumerated has no free bits; give a weight alone." : null;

    private EnumeratedRuns Enumerate(ElboPass pass) => EnumeratedRuns.Of(pass, (_, posterior) => IsFinite(posterior), SumsOut);

    private static bool IsFinite(Distribution distribution) => distribution.EnumerateSupport() is not null;
}
