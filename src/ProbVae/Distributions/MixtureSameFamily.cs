using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// MixtureSameFamily(w, P): p(x) = Σ wₖ pₖ(x), whose K components are one distribution with one batch axis more. Support: where any
/// component lies. Drawn by its category first.
/// </summary>
public sealed class MixtureSameFamily : Distribution
{
    /// <summary>A mixture of the elements along a distribution's last batch axis.</summary>
    /// <param name="weights">The weights w, whose categories are the components.</param>
    /// <param name="components">The components, K along the last batch axis.</param>
    /// <exception cref="ArgumentException">The last batch axis is not of size K, or the other axes do not broadcast.</exception>
    public MixtureSameFamily(Categorical weights, Distribution components)
        : base([components, weights], BatchOf(weights, components), components.EventShape)
    {
        (Weights, Components) = (weights, components);
    }

    /// <summary>The weights.</summary>
    public Categorical Weights { get; }

    /// <summary>The components along the last batch axis.</summary>
    public Distribution Components { get; }

    /// <inheritdoc/>
    public override string Family => $"Mixture of {Components.Family}";

    /// <inheritdoc/>
    public override Support Support => AnyComponent.Of(Components.Support, EventRank, Components.Support);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(ProbVae.Components.Average(Weights.Probs, Components.Mean, EventRank));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(ProbVae.Components.Variance(Weights.Probs, Components.Mean, Components.Variance, EventRank));

    private int EventRank => Components.EventShape.Rank;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return ProbVae.Components.LogSum(Weights, Over(Components, [Weights.Categories]).ScoreAnywhere(value.unsqueeze(-1 - EventRank)));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var elements = shape[..^EventRank];
        var chosen = Weights.DrawExactly(elements, generator);
        return ProbVae.Components.Pick(chosen, Components.DrawExactly(elements + [Weights.Categories] + Components.EventShape, generator), EventRank);
    }

    /// <inheritdoc/>
    protected override string? JointProblem() => Weights.ArgumentProblems().Concat(Components.ArgumentProblems()).FirstOrDefault();

    /// <summary>Σ wₖ Fₖ(x), where the components' has a closed form.</summary>
    protected override Tensor? ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return EventRank == 0 && Components.CdfOrNull(value.unsqueeze(-1)) is { } cdf ? ProbVae.Components.Average(Weights.Probs, cdf, 0) : null;
    }

    private static Shape BatchOf(Categorical weights, Distribution components)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(components);
        var batch = components.BatchShape;
        return batch.Rank > 0 && batch[batch.Rank - 1] == weights.Categories && weights.BatchShape.BroadcastWith(batch[..^1]) is { } shape
            ? shape
            : throw new ArgumentException($"MixtureSameFamily: {weights.Categories} weights of batch shape {weights.BatchShape} do not fit components of batch shape {batch}; its last axis must be the components.", nameof(components));
    }
}
