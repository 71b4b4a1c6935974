using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What handlers at a latent variable have in common.</summary>
internal static class Ruling
{
    /// <summary>The model with a rule at a latent variable.</summary>
    /// <param name="model">The model.</param>
    /// <param name="word">The handler's name.</param>
    /// <param name="site">The latent variable.</param>
    /// <param name="captured">What the rule captured and may hold parameters.</param>
    /// <param name="covered">Whether a guide still samples the variable.</param>
    /// <param name="visit">Gives the value, and records what belongs in the trace.</param>
    /// <param name="given">The value, where it is known whatever the variable's distribution is.</param>
    public static Model<TData> Ruled<TData>(this Model<TData> model, string word, Latent site, Delegate? captured, bool covered, Func<HandledSite, TData, Tensor> visit, Func<TData, TensorLike>? given = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(site);
        return model.Handled(word, site, model.Rules.With(word, site, visit, captured, given), covered ? null : declared => declared.WithoutLatent(site));
    }

    /// <summary>A value that is fixed when a handler is called: it cannot carry a gradient from one step to the next.</summary>
    public static TensorLike Fixed(this TensorLike value, string word, Latent site) => value.Tensor is { requires_grad: true }
        ? throw new ModelException($"{word}('{site}'): the value asks for a gradient, and one that is computed once cannot be trained; give a lambda that computes it in each run, {word}({site}, data => ...), or detach it.")
        : value;
}
