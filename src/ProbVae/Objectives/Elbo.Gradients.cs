namespace ProbVae;

/// <content>The ELBO with other estimators of its gradient.</content>
public abstract partial class Elbo
{
    /// <summary>
    /// The ELBO by Monte Carlo, its pathwise gradient without the score of q: log q is taken with the guide's parameters held fixed
    /// (Roeder, Wu and Duvenaud 2017, Sticking the Landing). The guide's program runs twice a step; its variance vanishes as q
    /// nears the posterior.
    /// </summary>
    /// <param name="particles">Draws of the latent variables. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another.</param>
    public static Elbo StickingTheLanding(int particles = 1, bool vectorized = true) => new StickingTheLandingElbo(particles, vectorized);

    /// <summary>
    /// The ELBO with pathwise gradients where the guide's family is reparameterized, and the score function's where it is not: each
    /// draw's cost, of those sites and elements alone that depend on it, times ∇ log q (Williams 1992; Ranganath, Gerrish and Blei 2014).
    /// </summary>
    /// <param name="particles">Draws of the latent variables. Range: at least 1.</param>
    /// <param name="baseline">What is taken off the costs; nothing without it.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another.</param>
    /// <param name="divergences">The closed forms of KL terms; <see cref="KlRegistry.Standard"/> unless given, <see cref="KlRegistry.Empty"/> for none.</param>
    public static Elbo ScoreFunction(int particles = 1, Baseline? baseline = null, bool vectorized = true, KlRegistry? divergences = null) =>
        new ScoreFunctionElbo(particles, vectorized, baseline, divergences ?? KlRegistry.Standard);
}
