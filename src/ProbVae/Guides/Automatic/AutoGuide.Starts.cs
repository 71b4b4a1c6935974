using static TorchSharp.torch;

namespace ProbVae;

/// <content>Other places to start from.</content>
public abstract partial class AutoGuide<TData>
{
    // Most prior draws lie where no fit would come to anything; the best of a few is still another one each time.
    private const int DrawsOfAStart = 16;

    /// <summary>Puts the middle at another place of the prior's: of 16 draws, the one with the greatest joint density of draw and data.</summary>
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
            Recentre(Elsewhere(prototype));
        }
        finally
        {
            restoreBuffers();
        }
    }

    private static IReadOnlyDictionary<Latent, Tensor> Elsewhere(Prototype prototype)
    {
        try
        {
            return InitTo.BestOf(DrawsOfAStart).Starts(prototype);
        }
        catch (ModelException)
        {
            // The data are impossible at every one of the draws; their middle may be no better, and its gradient leads away from there.
            return InitTo.Median(3).Starts(prototype);
        }
    }

    /// <summary>Puts the middle of each site where it is told; other parameters stay.</summary>
    /// <param name="starts">Unconstrained numbers, for the whole of each site's plates.</param>
    private protected abstract void Recentre(IReadOnlyDictionary<Latent, Tensor> starts);
}
