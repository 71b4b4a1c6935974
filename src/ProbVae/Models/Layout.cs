namespace ProbVae;

/// <summary>What one run without particles told of a program's shapes, so that later ones need not guess.</summary>
/// <param name="PlateDepth">The most batch axes of any site.</param>
/// <param name="EventRanks">Each site's event rank.</param>
internal sealed record Layout(int PlateDepth, IReadOnlyDictionary<SiteHandle, int> EventRanks)
{
    public static Layout Unknown { get; } = new(0, new Dictionary<SiteHandle, int>());

    public static Layout Of(Trace trace) => new(
        trace.Sites.Select(site => site.Distribution.BatchShape.Rank).DefaultIfEmpty().Max(),
        trace.Sites.ToDictionary(site => site.Key, site => site.Distribution.EventShape.Rank));

    public int? EventRank(SiteHandle site) => EventRanks.TryGetValue(site, out var rank) ? rank : null;

    /// <summary>What two runs told together: programs that branch come to different sites with different data.</summary>
    public Layout Merge(Layout other) => new(
        Math.Max(PlateDepth, other.PlateDepth),
        EventRanks.Concat(other.EventRanks).GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Last().Value));
}

/// <summary>A run with a particle axis came to a plate or a site that no run without particles has told the shape of.</summary>
internal sealed class LayoutOutgrownException(string what)
    : ModelException($"{what} did not occur when this program's shapes were measured, so its particle axis has no place. Let each run with the same data come to the same sites, or use vectorized: false.");
