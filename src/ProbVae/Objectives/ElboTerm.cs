using static TorchSharp.torch;

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

    /// <summary>What the total is the sum of; axes along which it is the same may be missing. Null where other sites were summed out of it.</summary>
    internal ScaledTensor? Elements { get; init; }

    /// <summary>The same, one number for each particle and element of the site's plates.</summary>
    internal Tensor ByElement => Site.Distribution.InBatch(Elements!.Value.ToTensor());

    /// <summary>The factor with which the loss counts an element: weight, plates, sign.</summary>
    internal double LossFactor => -Sign * Weight * Site.Scale;

    /// <summary>What the loss counts for the whole site.</summary>
    internal ScaledTensor Loss => Total with { Factor = -Sign * Weight * Total.Factor, Offset = -Sign * Weight * Total.Offset };
}

/// <summary>E_q[log p(x | z)] of an observation; the ELBO adds it.</summary>
/// <param name="Observed">The observation.</param>
/// <param name="Total">The expected log likelihood in nats.</param>
public sealed record LogLikelihoodTerm(ObservedSite Observed, ScaledTensor Total) : ElboTerm(Observed, Total)
{
    /// <inheritdoc/>
    public override int Sign => 1;

    internal static LogLikelihoodTerm Of(ObservedSite site, bool known)
    {
        var score = site.Score(known);
        return new(site, site.Total(score)) { Elements = score };
    }
}

/// <summary>KL(q ‖ p) of a latent variable, or its estimate log q − log p; the ELBO subtracts it.</summary>
/// <param name="Latent">The latent variable.</param>
/// <param name="Total">The divergence in nats.</param>
/// <param name="ClosedForm">Whether it is exact given the sites before it.</param>
public sealed record KlTerm(LatentSite Latent, ScaledTensor Total, bool ClosedForm) : ElboTerm(Latent, Total)
{
    /// <inheritdoc/>
    public override int Sign => -1;

    internal static KlTerm Of(LatentSite prior, ScaledTensor divergence, bool closedForm) =>
        new(prior, prior.Total(divergence), closedForm) { Elements = divergence };
}

/// <summary>E_q[log q(u)] of a variable that only the guide has, or its estimate; the ELBO subtracts it.</summary>
/// <param name="Auxiliary">The guide's variable.</param>
/// <param name="Total">Its negative entropy in nats.</param>
public sealed record AuxiliaryTerm(AuxiliarySite Auxiliary, ScaledTensor Total) : ElboTerm(Auxiliary, Total)
{
    /// <inheritdoc/>
    public override int Sign => -1;

    internal static AuxiliaryTerm Of(AuxiliarySite site, bool known)
    {
        var score = site.Score(known);
        return new(site, site.Total(score)) { Elements = score };
    }
}
