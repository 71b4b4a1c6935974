namespace ProbVae;

/// <summary>The ELBO with closed forms where they hold.</summary>
internal sealed class MeanFieldElbo(int particles, bool vectorized, KlRegistry divergences) : SitewiseElbo(particles, vectorized, divergences);
