namespace ProbVae;

/// <summary>One site's share of an ELBO, scaled to the whole data and averaged over particles.</summary>
/// <param name="Site">The model's site.</param>
/// <param name="Total">The share in nats: a scalar, with its scale kept apart.</param>
public abstract record ElboTerm(Site Site, ScaledTensor Total)
{
    /// <summary>What it is reported under: its site's name.</summary>
    public virtual string Name => Site.Name;

    /// <summary>How the ELBO counts it: +1 or −1.</summary>
    public abstract int Sign { get; }

    /// <summary>What the loss counts it with beside its sign, as a weight of the KL terms asks; the ELBO itself is never weighted.</summary>
    public double Weight { get; init; } = 1;
}

/// <summary>E_q[log p(x | z)] of an observation; the ELBO adds it.</summary>
/// <param name="Observed">The observation.</param>
/// <param name="Total">The expected log likelihood in nats.</param>
public sealed record LogLikelihoodTerm(ObservedSite Observed, ScaledTensor Total) : ElboTerm(Observed, Total)
{
    /// <inheritdoc/>
    public override int Sign => 1;
}

/// <summary>KL(q ‖ p) of a latent variable, or its estimate log q − log p; the ELBO subtracts it.</summary>
/// <param name="Latent">The latent variable.</param>
/// <param name="Total">The divergence in nats.</param>
/// <param name="ClosedForm">Whether it is exact given the sites before it.</param>
public sealed record KlTerm(LatentSite Latent, ScaledTensor Total, bool ClosedForm) : ElboTerm(Latent, Total)
{
    /// <inheritdoc/>
    public override int Sign => -1;
}

/// <summary>E_q[log q(u)] of a variable that only the guide has, or its estimate; the ELBO subtracts it.</summary>
/// <param name="Auxiliary">The guide's variable.</param>
/// <param name="Total">Its negative entropy in nats.</param>
public sealed record AuxiliaryTerm(AuxiliarySite Auxiliary, ScaledTensor Total) : ElboTerm(Auxiliary, Total)
{
    /// <inheritdoc/>
    public override int Sign => -1;
}
