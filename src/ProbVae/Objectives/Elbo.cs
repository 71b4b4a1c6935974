
namespace ProbVae;

/// <summary>
/// The evidence lower bound, E_q[log p(x, z) − log q(z)] ≤ log p(x), estimated from the traces of a model and its guide
/// with reparameterized draws (Kingma and Welling 2014; Rezende, Mohamed and Wierstra 2014).
/// </summary>
public abstract class Elbo
{
    private protected Elbo(int particles, bool vectorized)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(particles, 1);
        (Particles, Vectorized) = (particles, vectorized);
    }

    /// <summary>How many draws of the latent variables the expectation is averaged over. Range: at least 1.</summary>
    public int Particles { get; }

    /// <summary>Whether the particles are one leading axis of a single run, or runs one after another.</summary>
    public bool Vectorized { get; }

    /// <summary>The ELBO with every KL term in closed form that has one and is valid so; the others by Monte Carlo.</summary>
    /// <param name="particles">Draws of the latent variables. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another.</param>
    /// <param name="divergences">The closed forms; <see cref="KlRegistry.Standard"/> unless given.</param>
    public static Elbo MeanField(int particles = 1, bool vectorized = true, KlRegistry? divergences = null) =>
        new MeanFieldElbo(particles, vectorized, divergences ?? KlRegistry.Standard);

    /// <summary>The ELBO by Monte Carlo alone: log p(x, z) − log q(z) at the draws.</summary>
    /// <param name="particles">Draws of the latent variables. Range: at least 1.</param>
    /// <param name="vectorized">One leading axis (the default), or one run after another.</param>
    public static Elbo Trace(int particles = 1, bool vectorized = true) => new TraceElbo(particles, vectorized);

    /// <summary>Every site's share; the ELBO is their signed sum.</summary>
    /// <param name="model">The model's trace, run at the guide's values.</param>
    /// <param name="guide">The guide's trace.</param>
    internal IReadOnlyList<ElboTerm> Terms(Trace model, Trace guide)
    {
        var order = new DependencyOrder(model, guide);
        return [.. model.Sites.Select(site => (ElboTerm)(site switch
        {
            ObservedSite observed => new LogLikelihoodTerm(observed, site.Total(site.Distribution.ScaledScore(site.Value))),
            LatentSite prior => Kl(prior, guide[prior.Handle], order),
            _ => throw new InvalidOperationException($"Site '{site.Name}': an ELBO has no term for a {site.GetType().Name}."),
        }))];
    }

    /// <summary>Why a latent variable's term is not in closed form; null where it is.</summary>
    internal abstract string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order);

    private protected abstract KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order);

    /// <summary>log q(z) − log p(z) at the draws: unbiased for the KL term whatever the sites depend on.</summary>
    private protected static KlTerm MonteCarloKl(LatentSite prior, LatentSite posterior) =>
        new(prior, prior.Total(posterior.Distribution.Score(posterior.Value).sub(prior.Distribution.Score(prior.Value))), ClosedForm: false);
}

/// <summary>The ELBO by Monte Carlo alone.</summary>
internal sealed class TraceElbo(int particles, bool vectorized) : Elbo(particles, vectorized)
{
    internal override string? WhyNotClosedForm(LatentSite prior, LatentSite posterior, DependencyOrder order) => "Elbo.Trace asks for Monte Carlo";

    private protected override KlTerm Kl(LatentSite prior, LatentSite posterior, DependencyOrder order) => MonteCarloKl(prior, posterior);
}

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
