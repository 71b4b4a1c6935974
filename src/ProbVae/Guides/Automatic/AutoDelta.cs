using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// A point for each latent variable. Trained, it is at the greatest joint density log p(x, z) in the model's own space: the maximum a
/// posteriori estimate, MAP.
/// </summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed class AutoDelta<TData> : SiteGuide<TData>
{
    internal AutoDelta(Model<TData> model, TData data, AutoGuideOptions options)
        : base(model, data, options)
    {
    }

    /// <inheritdoc/>
    protected override Distribution Numbers(AutoSite site, AutoScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return new Delta(scope["loc"]);
    }

    private protected override Tensor NumbersAt(AutoSite site, AutoScope scope, double probability) => scope["loc"];

    /// <inheritdoc/>
    protected override AutoGuide<TData> Remake(Model<TData> model, TData data, AutoGuideOptions options) => new AutoDelta<TData>(model, data, options);
}
