namespace ProbVae;

/// <content>What an inference has learned.</content>
public sealed partial class Svi<TData>
{
    /// <summary>Draws from the guide as it is now, and computes from each draw what the model does.</summary>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="draws">How many draws. Range: at least 2.</param>
    /// <param name="key">Where the draws come from; a stream of this object's seed and step unless given.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the programs take one; otherwise they run one after another.</param>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public Posterior Posterior(TData data, int draws = 1000, RandomKey? key = null, bool vectorized = true) =>
        ProbVae.Posterior.Of(_model, _guide, data, draws, key ?? Key.Fold("posterior").Fold(StepCount), vectorized);
}
