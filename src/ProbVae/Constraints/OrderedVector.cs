using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Vectors of real numbers none of which is below the one before it; ties, to which rounding can lead, belong to the set.</summary>
public sealed class OrderedVector : ArraySupport
{
    /// <inheritdoc/>
    public override int EventRank => 1;

    /// <inheritdoc/>
    public override Transform? FromUnconstrained => new OrderedTransform();

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = value.shape[^1];
        var finite = value.isfinite().all(-1);
        return length < 2 ? finite : finite.logical_and(value.narrow(-1, 1, length - 1).ge(value.narrow(-1, 0, length - 1)).all(-1));
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is OrderedVector;

    /// <inheritdoc/>
    public override string ToString() => "a vector of real numbers in increasing order";
}
