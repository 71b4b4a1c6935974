namespace ProbVae;

/// <summary>The ELBO by Monte Carlo alone.</summary>
internal sealed class TraceElbo(int particles, bool vectorized) : SitewiseElbo(particles, vectorized, KlRegistry.Standard)
{
    private protected override string? WhyMonteCarlo => "Elbo.Trace asks for Monte Carlo";
}
