using static TorchSharp.torch.optim;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>Where an inference begins.</summary>
public static class Svi
{
    /// <summary>Joins a model, a guide, an objective and an optimizer.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">A guide for it, or for a model that it was made from by <c>With</c>.</param>
    /// <param name="elbo">The objective.</param>
    /// <param name="optimizer">Makes the optimizer of the parameters that were found.</param>
    /// <param name="seed">Where all randomness comes from: the same seed repeats a run bit for bit on the same machine.</param>
    /// <param name="validate">Whether each step holds arguments and observations against their ranges.</param>
    /// <exception cref="ModelException">The guide is another model's, there is no parameter to train, or one that no optimizer has.</exception>
    public static Svi<TData> For<TData>(
        Model<TData> model, Guide<TData> guide, Elbo elbo, Func<IReadOnlyCollection<Parameter>, Optimizer> optimizer, long seed = 0, bool validate = true) =>
        new(model, guide, elbo, optimizer, seed, validate);

    /// <summary>Joins a model, a guide, an objective and an optimizer with learning rates by parameter.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">A guide for it, or for a model that it was made from by <c>With</c>.</param>
    /// <param name="elbo">The objective.</param>
    /// <param name="optimizer">The optimizer, as in <c>LearningRates.By(("encoder.", 1e-3), ("", 1e-2)).Adam()</c>.</param>
    /// <param name="seed">Where all randomness comes from: the same seed repeats a run bit for bit on the same machine.</param>
    /// <param name="validate">Whether each step holds arguments and observations against their ranges.</param>
    /// <exception cref="ModelException">The guide is another model's, or there is no parameter to train.</exception>
    /// <exception cref="ArgumentException">A name matches no parameter, or a parameter has no learning rate.</exception>
    public static Svi<TData> For<TData>(Model<TData> model, Guide<TData> guide, Elbo elbo, GroupedOptimizer optimizer, long seed = 0, bool validate = true)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return new(model, guide, elbo, _ => optimizer.Of(TrainableParameters.Of(elbo.Modules, model, guide)), seed, validate);
    }
}
