using static TorchSharp.torch;

namespace ProbVae;

/// <summary>One site's share of an ELBO: a scalar, scaled to the whole data and averaged over particles.</summary>
/// <param name="Site">The model's site.</param>
/// <param name="Value">The share in nats, with the sign that its name says.</param>
public abstract record ElboTerm(Site Site, Tensor Value)
{
    /// <summary>How the ELBO counts it: +1 or −1.</summary>
    public abstract int Sign { get; }
}

/// <summary>E_q[log p(x | z)] of an observation; the ELBO adds it.</summary>
/// <param name="Observed">The observation.</param>
/// <param name="Value">The expected log likelihood in nats.</param>
public sealed record LogLikelihoodTerm(ObservedSite Observed, Tensor Value) : ElboTerm(Observed, Value)
{
    /// <inheritdoc/>
    public override int Sign => 1;
}

/// <summary>KL(q ‖ p) of a latent variable, or its estimate log q − log p; the ELBO subtracts it.</summary>
/// <param name="Latent">The latent variable.</param>
/// <param name="Value">The divergence in nats.</param>
/// <param name="ClosedForm">Whether it is exact given the sites before it.</param>
public sealed record KlTerm(LatentSite Latent, Tensor Value, bool ClosedForm) : ElboTerm(Latent, Value)
{
    /// <inheritdoc/>
    public override int Sign => -1;
}
