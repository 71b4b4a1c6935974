using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// A trainable value in a set, as a guide's scale or a model's weights: the image of a <see cref="Parameter"/> of unconstrained numbers, which
/// an optimizer may move anywhere. It stands wherever a distribution takes a tensor, and is found by itself where a lambda captures it.
/// </summary>
public sealed class Param
{
    private readonly Transform _map;

    private Param(Support support, Transform map, Parameter unconstrained) => (Support, _map, Unconstrained) = (support, map, unconstrained);

    /// <summary>The set that the value stays in.</summary>
    public Support Support { get; }

    /// <summary>What is trained and saved: for a positive value, its logarithm.</summary>
    public Parameter Unconstrained { get; }

    /// <summary>The value now, with its gradient.</summary>
    public Tensor Value => _map.Forward(Unconstrained);

    /// <summary>A trainable value greater than 0, of any shape.</summary>
    /// <param name="start">Where it starts. Range: each element greater than 0.</param>
    /// <exception cref="ArgumentException">An element is not greater than 0.</exception>
    public static Param Positive(TensorLike start) => In(Support.Positive, start);

    /// <summary>A trainable value in a set: the simplex, numbers between two bounds, Cholesky factors.</summary>
    /// <param name="support">The set; a continuous one.</param>
    /// <param name="start">Where it starts; inside the set.</param>
    /// <exception cref="ArgumentException">The set has no map from unconstrained numbers, or the start is not inside it.</exception>
    public static Param In(Support support, TensorLike start)
    {
        ArgumentNullException.ThrowIfNull(support);
        if (support.FromUnconstrained is not { } map)
        {
            throw new ArgumentException($"Param: no smooth map leads from unconstrained numbers to {support}, so no gradient could train it; give the support of a continuous value.", nameof(support));
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var value = start.ToTensor(ScalarType.Float32, CPU);
        var unconstrained = value.dim() < support.EventRank || !support.ContainsAll(value) ? null : map.Inverse(value);
        if (unconstrained?.isfinite().all().ToBoolean() != true)
        {
            throw new ArgumentException($"Param: the start, of shape {new Shape(value.shape)}, should be {support}, and off the edge of that set; it is not. Give another start.", nameof(start));
        }

        return new(support, map, new Parameter(unconstrained!.detach().clone().DetachFromDisposeScope()));
    }

    /// <summary>The value now.</summary>
    public static implicit operator Tensor(Param param)
    {
        ArgumentNullException.ThrowIfNull(param);
        return param.Value;
    }

    /// <summary>The value now, as a distribution's argument.</summary>
    public static implicit operator TensorLike(Param param)
    {
        ArgumentNullException.ThrowIfNull(param);
        return param.Value;
    }

    /// <summary>The set and the shape.</summary>
    public override string ToString() => $"trainable, of shape {_map.ForwardShape(Unconstrained.shape)}: {Support}";
}
