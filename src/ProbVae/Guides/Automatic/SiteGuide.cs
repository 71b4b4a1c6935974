using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// An automatic guide that samples site by site: each has a distribution over its unconstrained numbers, which may depend on sites before
/// it, and the map onto its support. Every site has a parameter "loc", of the shape of its unconstrained numbers.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public abstract class SiteGuide<TData> : AutoGuide<TData>
{
    private readonly Dictionary<Latent, Parameter> _locs;

    /// <summary>Learns from the model what the guide covers, and puts each "loc" where the options say.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="options">Start, choice of sites, seed.</param>
    /// <exception cref="ModelException">There is nothing to cover, or a site cannot be covered; the message lists why.</exception>
    protected SiteGuide(Model<TData> model, TData data, AutoGuideOptions? options)
        : base(model, data, options)
    {
        _locs = Sites.ToDictionary(site => site.Handle, site => NewParameter(site.Handle.Name, "loc", Starts[site.Handle]));
    }

    /// <summary>The distribution of a site's unconstrained numbers.</summary>
    /// <param name="site">The site.</param>
    /// <param name="scope">Its parameters, and the sites before it.</param>
    /// <returns>A distribution whose last axes are <see cref="AutoSite.UnconstrainedShape"/>.</returns>
    protected abstract Distribution Numbers(AutoSite site, AutoScope scope);

    /// <summary>Makes a parameter of a site that is trained with the guide, and read as <c>scope[name]</c>.</summary>
    /// <param name="site">The site.</param>
    /// <param name="name">Its name, as in <c>w.scale</c>.</param>
    /// <param name="start">Its first value, which is copied; its first axes are <see cref="AutoSite.BatchShape"/>.</param>
    protected Parameter NewParameter(AutoSite site, string name, Tensor start)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(start);
        return new Shape(start.shape).StartsWith(site.BatchShape)
            ? NewParameter(site.Handle.Name, name, start)
            : throw new ArgumentException($"Parameter '{name}' of site '{site.Handle}' has shape {new Shape(start.shape)}; it must begin with the axes {site.BatchShape} of the site's plates.", nameof(start));
    }

    /// <summary>A site's parameter "loc", for the whole of its plates.</summary>
    /// <param name="site">The site.</param>
    protected Parameter Loc(AutoSite site)
    {
        ArgumentNullException.ThrowIfNull(site);
        return _locs[site.Handle];
    }

    private protected sealed override void Sample(Run run, AutoSite site) =>
        run.Sample(site.Handle, new Source(() => site.Image(Numbers(site, ScopeOf(site, run))), DeclaresReads: true));

    private protected sealed override Tensor Centre(AutoSite site) => Loc(site);

    private protected sealed override void Recentre(IReadOnlyDictionary<Latent, Tensor> starts)
    {
        foreach (var (site, start) in starts)
        {
            _locs[site].copy_(start);
        }
    }
}
