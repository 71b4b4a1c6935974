using static TorchSharp.torch;

namespace ProbVae;

/// <content>Other places to start from.</content>
public abstract partial class AutoGuide<TData>
{
    // The median of so few prior draws lies where the prior does, and is rarely one of its extremes.
    private const int DrawsOfAStart = 3;

    /// <summary>Puts the middle at another place of the prior's: the median of three draws, number by number in unconstrained space.</summary>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="key">Where the draws come from.</param>
    internal void StartElsewhere(TData data, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var restoreBuffers = TrainableParameters.Of([], Model).KeepBuffers();
        try
        {
            var prototype = Prototype.Of(Model, data, Options with { Seed = unchecked((long)key.Value) }, Word);
            Recentre(InitTo.Median(DrawsOfAStart).Starts(prototype));
        }
        finally
        {
            restoreBuffers();
        }
    }

    /// <summary>Puts the middle of each site where it is told; other parameters stay.</summary>
    /// <param name="starts">Unconstrained numbers, for the whole of each site's plates.</param>
    private protected abstract void Recentre(IReadOnlyDictionary<Latent, Tensor> starts);
}
