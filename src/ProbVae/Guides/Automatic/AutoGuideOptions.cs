namespace ProbVae;

/// <summary>What an automatic guide is told beside model and data.</summary>
/// <param name="Init">Where its locations start; at the median of 15 prior draws unless given.</param>
/// <param name="Only">The latent variables that it covers; all continuous ones unless given.</param>
/// <param name="Except">Latent variables that it leaves to another guide.</param>
/// <param name="Seed">Where the randomness of its start comes from.</param>
public sealed record AutoGuideOptions(InitTo? Init = null, IReadOnlyCollection<Latent>? Only = null, IReadOnlyCollection<Latent>? Except = null, long Seed = 0)
{
    internal RandomKey Key => new RandomKey(Seed).Fold("automatic guide");
}
