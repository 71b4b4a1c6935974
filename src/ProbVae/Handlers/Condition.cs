using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Conditioning: a latent variable that was observed after all.</summary>
public static class ConditionHandler
{
    /// <summary>The same model with a latent variable observed at a value: its density is a likelihood, and a guide's site for it is left out.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="value">Of shape plates + event, in the variable's support; a number stands for all elements. The caller keeps a tensor.</param>
    /// <exception cref="ModelException">The model declares no such latent variable, another handler gives its value, or the value asks for a gradient.</exception>
    public static Model<TData> Condition<TData>(this Model<TData> model, Latent site, TensorLike value)
    {
        var held = value.Fixed("Condition", site);
        return Conditioned(model, site, _ => held, null);
    }

    /// <summary>The same model with a latent variable observed at a value that the data has.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="value">The part of the data, of shape plates + event, in the variable's support.</param>
    /// <exception cref="ModelException">The model declares no such latent variable, or another handler gives its value.</exception>
    public static Model<TData> Condition<TData>(this Model<TData> model, Latent site, Func<TData, Tensor> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Conditioned(model, site, data => value(data), value);
    }

    private static Model<TData> Conditioned<TData>(Model<TData> model, Latent site, Func<TData, TensorLike> value, Delegate? captured) =>
        model.Ruled("Condition", site, captured, covered: false, (here, data) => here.Set(
            value(data), (distribution, reads, held, plates) => new ObservedSite(site, distribution, held, plates, reads)), value);
}
