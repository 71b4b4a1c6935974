namespace ProbVae;

/// <summary>The ELBO by Monte Carlo alone.</summary>
internal sealed class TraceElbo(int particles, bool vectorized) : Elbo(particles, vectorized)
{
    internal override string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order) => "Elbo.Trace asks for Monte Carlo";

    private protected override KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order) => MonteCarloKl(prior, posterior);
}
