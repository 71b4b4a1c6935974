namespace ProbVae;

/// <content>The ELBO without draws of discrete latent variables.</content>
public abstract partial class Elbo
{
    /// <summary>
    /// The ELBO with exact sums over discrete latent variables of finite support: those that the guide has not are summed out of the
    /// model, log Σ_z p(x, z) (tensor variable elimination, Obermeyer et al. 2019), and for those that it has the expectation is
    /// Σ_z q(z) […], with gradients of the probabilities. Continuous latent variables are drawn, with pathwise gradients.
    /// </summary>
    /// <param name="particles">Draws of the continuous latent variables. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another.</param>
    /// <param name="divergences">Closed forms for the KL terms of continuous latent variables, where they are valid; by Monte Carlo, as <see cref="Trace"/>, without.</param>
    public static Elbo Enumerated(int particles = 1, bool vectorized = true, KlRegistry? divergences = null) =>
        new EnumeratedElbo(particles, vectorized, divergences);

    /// <summary>Whether a discrete latent variable that the guide has not is summed out.</summary>
    /// <param name="site">The latent variable.</param>
    /// <param name="prior">Its prior.</param>
    internal virtual bool SumsOut(Latent site, Distribution prior) => false;

    /// <summary>How a latent variable's term is computed, in a few words; null where there is nothing to say beside closed form or Monte Carlo.</summary>
    /// <param name="prior">The model's site.</param>
    /// <param name="posterior">The guide's site; null where the guide has none.</param>
    internal virtual string? HowExact(LatentSite prior, LatentSite? posterior) => null;
}
