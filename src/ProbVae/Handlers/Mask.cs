using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Masking: elements of a site that count for nothing.</summary>
public static class MaskHandler
{
    /// <summary>The same model with log density 0 where a mask is false: see <see cref="Distribution.Mask"/>. Two masks leave out what either does.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">An observation, or a latent variable that the guide masks in the same way.</param>
    /// <param name="mask">Booleans that broadcast to the plates' axes, one for each event: true where it counts. The caller keeps it.</param>
    /// <exception cref="ModelException">The model declares no such site, or it has no density.</exception>
    public static Model<TData> Mask<TData>(this Model<TData> model, SiteHandle site, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return Masked(model, site, _ => mask);
    }

    /// <summary>The same model with log density 0 where a mask that the data has is false.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">An observation, or a latent variable that the guide masks in the same way.</param>
    /// <param name="mask">Booleans that broadcast to the plates' axes, one for each event: true where it counts.</param>
    /// <exception cref="ModelException">The model declares no such site, or it has no density.</exception>
    public static Model<TData> Mask<TData>(this Model<TData> model, SiteHandle site, Func<TData, Tensor> mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return Masked(model, site, mask);
    }

    private static Model<TData> Masked<TData>(Model<TData> model, SiteHandle site, Func<TData, Tensor> mask)
    {
        ArgumentNullException.ThrowIfNull(model);
        WithHandler.RequireDistribution("Mask", site);
        var masks = model.Rules.Masks;
        return model.Handled("Mask", site, model.Rules with { Masks = masks.SetItem(site, masks.TryGetValue(site, out var earlier) ? data => earlier(data).logical_and(mask(data)) : mask) });
    }
}
