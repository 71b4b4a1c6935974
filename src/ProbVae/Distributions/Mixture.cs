using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Mixture(w, P₁, …, Pₖ): p(x) = Σ wₖ pₖ(x), with components of different families. Support: where any component lies. Drawn by its
/// category first.
/// </summary>
public sealed class Mixture : Distribution
{
    private readonly Distribution[] _components;

    /// <summary>A mixture of given distributions.</summary>
    /// <param name="weights">The weights w, one category for each component.</param>
    /// <param name="components">The components, of one event shape.</param>
    /// <exception cref="ArgumentException">There are not as many components as weights, or their shapes do not fit.</exception>
    public Mixture(Categorical weights, params Distribution[] components)
        : base([.. Checked(weights, components), weights], BatchOf(weights, components), components[0].EventShape)
    {
        (Weights, _components) = (weights, [.. components]);
    }

    /// <summary>The weights.</summary>
    public Categorical Weights { get; }

    /// <summary>The components, in the order of the weights.</summary>
    public IReadOnlyList<Distribution> Components => _components;

    /// <inheritdoc/>
    public override string Family => $"Mixture of {string.Join(" and ", _components.Select(component => component.Family))}";

    /// <inheritdoc/>
    public override Support Support => AnyOf.Of([.. _components.Select(component => component.Support)]);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(ProbVae.Components.Average(Weights.Probs, Stacked(component => component.Mean), EventRank));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(ProbVae.Components.Variance(
        Weights.Probs, Stacked(component => component.Mean), Stacked(component => component.Variance), EventRank));

    private int EventRank => _components[0].EventShape.Rank;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var scores = broadcast_tensors([.. _components.Select(component => Over(component).ScoreAnywhere(value))]);
        return ProbVae.Components.LogSum(Weights, stack(scores, -1));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var chosen = Weights.DrawExactly(shape[..^EventRank], generator);
        return ProbVae.Components.Pick(chosen, stack([.. _components.Select(component => component.DrawExactly(shape, generator))], -1 - EventRank), EventRank);
    }

    /// <inheritdoc/>
    protected override string? JointProblem() => _components.Prepend(Weights).SelectMany(part => part.ArgumentProblems()).FirstOrDefault();

    /// <summary>Σ wₖ Fₖ(x), where every component's has a closed form.</summary>
    protected override Tensor? ElementCdf(Tensor value)
    {
        var parts = _components.Select(component => component.CdfOrNull(value)).OfType<Tensor>().ToArray();
        return EventRank == 0 && parts.Length == _components.Length
            ? ProbVae.Components.Average(Weights.Probs, stack(broadcast_tensors(parts), -1), 0)
            : null;
    }

    private static Distribution[] Checked(Categorical weights, Distribution[] components)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(components);
        if (components.Length != weights.Categories)
        {
            throw new ArgumentException($"Mixture: {weights.Categories} weights do not fit {components.Length} components; there must be one for each.", nameof(components));
        }

        return components.FirstOrDefault(component => component.EventShape != components[0].EventShape) is { } other
            ? throw new ArgumentException($"Mixture: the components' event shapes {components[0].EventShape} and {other.EventShape} differ.", nameof(components))
            : components;
    }

    private static Shape BatchOf(Categorical weights, Distribution[] components)
    {
        var batch = (Shape?)weights.BatchShape;
        foreach (var component in components)
        {
            batch = batch?.BroadcastWith(component.BatchShape);
        }

        return batch ?? throw new ArgumentException($"Mixture: the batch shapes of weights {weights.BatchShape} and components {string.Join(", ", components.Select(component => component.BatchShape))} do not broadcast.", nameof(components));
    }

    // A quantity of the components along the axis before the event's.
    private Tensor Stacked(Func<Distribution, Tensor> quantity) => stack(broadcast_tensors([.. _components.Select(quantity)]), -1 - EventRank);
}
