using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Draws of a site as a vectorized run has them.</summary>
internal static class SiteDraws
{
    /// <summary>The values of a run with particles, without the axes of size 1 that stand between particles and plates.</summary>
    /// <param name="site">The site.</param>
    /// <param name="plateAxes">How many axes the site's plates have.</param>
    public static Tensor WithoutPlateholders(this Site site, int plateAxes)
    {
        var (shape, batch) = (new Shape(site.Value.shape), site.Distribution.BatchShape);
        var placeholders = batch.Rank - 1 - plateAxes;
        return site.Value.reshape((shape[..1] + shape[(1 + placeholders)..]).ToArray());
    }
}
