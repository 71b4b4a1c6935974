using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Substitution: a latent variable at a given value, which stays a latent variable.</summary>
public static class SubstituteHandler
{
    /// <summary>
    /// The same model with a latent variable held at a value and scored as latent: for the joint density at a point. A guide must
    /// give the variable that same value; to learn from a value, condition on it.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="value">Of shape plates + event, in the variable's support; a number stands for all elements. The caller keeps a tensor.</param>
    /// <exception cref="ModelException">The model declares no such latent variable, another handler gives its value, or the value asks for a gradient.</exception>
    public static Model<TData> Substitute<TData>(this Model<TData> model, Latent site, TensorLike value)
    {
        var held = value.Fixed("Substitute", site);
        return model.Ruled("Substitute", site, null, covered: true, (here, _) => here.Substitute(held));
    }

    /// <summary>The same model with a latent variable held at a value that depends on the data.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="value">Of shape plates + event, in the variable's support.</param>
    /// <exception cref="ModelException">The model declares no such latent variable, or another handler gives its value.</exception>
    public static Model<TData> Substitute<TData>(this Model<TData> model, Latent site, Func<TData, Tensor> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return model.Ruled("Substitute", site, value, covered: true, (here, data) => here.Substitute(value(data)));
    }
}
