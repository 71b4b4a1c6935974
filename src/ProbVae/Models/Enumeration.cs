using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Latent variables that one run goes through all values of, in parallel: each has its values along an axis of its own, before
/// the particles and the plates, and every density that reads it has that axis too.
/// </summary>
/// <param name="chosen">Whether a latent variable is to be enumerated.</param>
internal sealed class Enumeration(Func<Latent, Distribution, bool> chosen)
{
    private readonly List<(Latent Site, long Size)> _axes = [];

    /// <summary>The variables, the first along the axis next to the particles.</summary>
    public IReadOnlyList<(Latent Site, long Size)> Axes => _axes;

    /// <summary>Whether a variable was enumerated in this run.</summary>
    public bool Has(Latent site) => _axes.Any(axis => axis.Site.Equals(site));

    /// <summary>All values of a variable along a new axis, of shape (K, 1, …, 1) + event; null where it is not enumerated.</summary>
    public Tensor? Values(Latent site, Distribution distribution, PlateStack plates)
    {
        if (!chosen(site, distribution))
        {
            return null;
        }

        var values = distribution.EnumerateSupport()
            ?? throw new ModelException($"Site '{site}': {distribution.Family} has no finite support that could be enumerated.");
        var count = values.shape[0];
        _axes.Add((site, count));
        plates.Enumerated = new Shape([.. _axes.Select(axis => axis.Size).Reverse()]);
        var ones = Enumerable.Repeat(1L, _axes.Count - 1 + plates.BatchShape.Rank);
        return values.reshape([count, .. ones, .. distribution.EventShape.ToArray()]);
    }
}
