namespace ProbVae;

/// <summary>
/// E_q[log Σ_z p(x, z)]: a part of the model over all values of discrete latent variables that the guide has not, and all sites that read
/// them; the ELBO adds it.
/// </summary>
/// <param name="SummedOut">The variables that were summed out, in the order of the run.</param>
/// <param name="Total">The expected logarithm of the sum, in nats.</param>
public sealed record MarginalTerm(IReadOnlyList<LatentSite> SummedOut, ScaledTensor Total) : ElboTerm(SummedOut[0], Total)
{
    /// <inheritdoc/>
    public override int Sign => 1;

    /// <inheritdoc/>
    public override string Name => SummedOut.Count <= 3
        ? string.Join(", ", SummedOut.Select(site => site.Name))
        : $"{SummedOut[0].Name}, {SummedOut[1].Name}, …, {SummedOut[^1].Name}";
}

/// <summary>E_q[log q(z)] of a latent variable whose prior stands in a sum over others (<see cref="MarginalTerm"/>); the ELBO subtracts it.</summary>
/// <param name="Latent">The model's site.</param>
/// <param name="Total">The negative entropy of the guide's site, or its estimate, in nats.</param>
public sealed record NegativeEntropyTerm(LatentSite Latent, ScaledTensor Total) : ElboTerm(Latent, Total)
{
    /// <inheritdoc/>
    public override int Sign => -1;
}
