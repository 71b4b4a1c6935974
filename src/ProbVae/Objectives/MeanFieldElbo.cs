namespace ProbVae;

/// <summary>The ELBO with closed forms where they hold.</summary>
internal sealed class MeanFieldElbo(int particles, bool vectorized, KlRegistry divergences) : Elbo(particles, vectorized)
{
    internal override string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order) =>
        !divergences.Has(posterior.Distribution, prior.Distribution)
            ? $"KL({posterior.Distribution.Family} ‖ {prior.Distribution.Family}) is not registered"
            : order.SpoiledBy(prior) is { } other
                ? $"its prior reads '{other}', which the guide draws from '{prior.Name}'"
                : null;

    private protected override KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order) =>
        WhyNotClosedForm(prior, posterior, order) is null
            ? new(prior, prior.Total(divergences.ByEvent(posterior.Distribution, prior.Distribution)), ClosedForm: true)
            : MonteCarloKl(prior, posterior);
}
