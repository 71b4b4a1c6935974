using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The mean-field normal guide: every unconstrained number is normal and independent of all others. Of a posterior with correlations it
/// finds variances that are too small: those of each number given the others.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class AutoNormal<TData> : SiteGuide<TData>
{
    private readonly double _scale;

    internal AutoNormal(Model<TData> model, TData data, AutoGuideOptions options, double scale)
        : base(model, data, options)
    {
        _scale = Start.Positive(scale);
        foreach (var site in Sites)
        {
            NewParameter(site, "logScale", Start.LogScale(Loc(site), scale));
        }
    }

    /// <inheritdoc/>
    protected override Distribution Numbers(AutoSite site, AutoScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return new Normal(scope["loc"], scope["logScale"].exp());
    }

    private protected override Tensor NumbersAt(AutoSite site, AutoScope scope, double probability)
    {
        var loc = scope["loc"];
        return special.ndtri(full_like(loc, probability)).mul(scope["logScale"].exp()).add(loc);
    }

    /// <inheritdoc/>
    protected override AutoGuide<TData> Remake(Model<TData> model, TData data, AutoGuideOptions options) => new AutoNormal<TData>(model, data, options, _scale);
}
