using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// A guide that keeps the model's order: each site's unconstrained numbers are normal around loc + Σⱼ Aⱼ (uⱼ − locⱼ), linear in those
/// of the sites before it that share its plates or stand in fewer. Correlations between sites are found, at a cost that grows with the
/// sites alone: an element of a plate has its own A, and sees global sites and its own element of local ones.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class AutoStructured<TData> : SiteGuide<TData>
{
    private readonly double _scale;
    private readonly Dictionary<Latent, AutoSite[]> _before = [];

    internal AutoStructured(Model<TData> model, TData data, AutoGuideOptions options, double scale)
        : base(model, data, options)
    {
        _scale = Start.Positive(scale);
        using var scope = NewDisposeScope();
        foreach (var (place, site) in Sites.Index())
        {
            NewParameter(site, "logScale", Start.LogScale(Loc(site), scale));
            var plates = site.Plates.Select(plate => plate.Name).ToHashSet();
            _before.Add(site.Handle, [.. Sites.Take(place).Where(earlier => earlier.Plates.All(plate => plates.Contains(plate.Name)))]);
            foreach (var earlier in _before[site.Handle])
            {
                NewParameter(site, Slope(earlier), zeros([.. site.BatchShape, site.Dimension, earlier.Dimension], site.DType, site.Device));
            }
        }
    }

    /// <summary>The sites that a site depends on.</summary>
    /// <param name="site">The site.</param>
    public IReadOnlyList<AutoSite> Before(AutoSite site)
    {
        ArgumentNullException.ThrowIfNull(site);
        return _before[site.Handle];
    }

    /// <inheritdoc/>
    protected override Distribution Numbers(AutoSite site, AutoScope scope)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(scope);
        var loc = scope["loc"];
        foreach (var earlier in _before[site.Handle])
        {
            // As vectors (…, plates, n): axes of plates that the earlier site is not in are 1, and broadcast.
            var distance = scope.Numbers(earlier).sub(scope.Of(earlier, "loc"));
            var batch = new Shape(distance.shape)[..^earlier.UnconstrainedShape.Rank];
            var shift = matmul(scope[Slope(earlier)], distance.reshape([.. batch, earlier.Dimension, 1L])).squeeze(-1);
            loc = loc.add(shift.reshape((new Shape(shift.shape)[..^1] + site.UnconstrainedShape).ToArray()));
        }

        return new Normal(loc, scope["logScale"].exp());
    }

    /// <inheritdoc/>
    protected override AutoGuide<TData> Remake(Model<TData> model, TData data, AutoGuideOptions options) => new AutoStructured<TData>(model, data, options, _scale);

    private static string Slope(AutoSite earlier) => $"on {earlier.Handle.Name.Replace('.', '_')}";
}
