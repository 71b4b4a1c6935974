using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Vectors of whole numbers of at least 0 with a given sum: how often each of several categories occurred.</summary>
/// <param name="total">The sum of each vector.</param>
public sealed class CountVectors(Tensor total) : ArraySupport
{
    /// <summary>The sum of each vector.</summary>
    public Tensor Total { get; } = total;

    /// <inheritdoc/>
    public override int EventRank => 1;

    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.eq(value.floor()).logical_and(value.ge(0)).all(-1).logical_and(value.to(ScalarType.Float64).sum(-1).eq(Total));
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other)
    {
        using var scope = NewDisposeScope();
        return other is CountVectors vectors
            && new Shape(Total.shape).BroadcastWith(new Shape(vectors.Total.shape)) is not null
            && Total.eq(vectors.Total).all().ToBoolean();
    }

    /// <inheritdoc/>
    public override string ToString() => "a vector of whole numbers ≥ 0 that sum to its element's count";

    /// <inheritdoc/>
    protected internal override string Describe(Tensor element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return $"{base.Describe(element)} with the sum {Format(element.to(ScalarType.Float64).sum().item<double>())}";
    }
}
