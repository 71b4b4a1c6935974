namespace ProbVae;

/// <summary>The ELBO with the score function's gradient at each site whose draws carry none (Williams 1992; Ranganath, Gerrish and Blei 2014).</summary>
internal sealed class ScoreFunctionElbo(int particles, bool vectorized, Baseline? baseline, KlRegistry divergences) : SitewiseElbo(particles, vectorized, divergences)
{
    private protected override bool ScoresFixedDraws => true;

    private protected override Baseline? DefaultBaseline => baseline;
}
