namespace ProbVae;

/// <summary>
/// The ELBO by Monte Carlo with log q at parameters that are held fixed: only the draws carry its gradient, so the score of q, whose
/// mean is zero, is left out (Roeder, Wu and Duvenaud 2017, Sticking the Landing). At the exact posterior no variance is left.
/// </summary>
internal sealed class StickingTheLandingElbo(int particles, bool vectorized) : SitewiseElbo(particles, vectorized, KlRegistry.Standard)
{
    private protected override string? WhyMonteCarlo => "Elbo.StickingTheLanding takes log q at the draws";

    private protected override bool SticksTheLanding => true;
}
