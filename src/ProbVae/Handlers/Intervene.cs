using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Intervention: Pearl's do (Pearl 2009, Causality, 3.2).</summary>
public static class InterveneHandler
{
    /// <summary>
    /// The same model after do(z = value): the variable has the value, is cut off from what it depended on and is in no density, so that
    /// the value tells nothing about its causes. The variable's own distribution is still asked for the shape and the support of the value.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="value">Of shape plates + event, in the variable's support; a number stands for all elements. The caller keeps a tensor.</param>
    /// <exception cref="ModelException">The model declares no such latent variable, another handler gives its value, or the value asks for a gradient.</exception>
    public static Model<TData> Intervene<TData>(this Model<TData> model, Latent site, TensorLike value)
    {
        var held = value.Fixed("Intervene", site);
        return Intervened(model, site, _ => held, null);
    }

    /// <summary>The same model after do(z = value(data)).</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="value">Of shape plates + event, in the variable's support.</param>
    /// <exception cref="ModelException">The model declares no such latent variable, or another handler gives its value.</exception>
    public static Model<TData> Intervene<TData>(this Model<TData> model, Latent site, Func<TData, Tensor> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Intervened(model, site, data => value(data), value);
    }

    private static Model<TData> Intervened<TData>(Model<TData> model, Latent site, Func<TData, TensorLike> value, Delegate? captured) =>
        model.Ruled("Intervene", site, captured, covered: false, (here, data) => here.Set(
            value(data),
            (distribution, _, held, plates) => new IntervenedSite(site, new Delta(held).ToEvent(distribution.EventShape.Rank), held, plates),
            advice: " To set the variable beyond that, give it a prior with such values by With first."), value);
}
