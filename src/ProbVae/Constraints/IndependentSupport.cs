using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Arrays each of whose elements lies in a given set: the last axes of a value are read as one element of this set.</summary>
public sealed class IndependentSupport : ArraySupport
{
    /// <summary>Reads axes in front of a set's own as part of one element.</summary>
    /// <param name="each">Where each element lies.</param>
    /// <param name="axes">How many axes, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 1.</exception>
    public IndependentSupport(Support each, int axes)
    {
        ArgumentNullException.ThrowIfNull(each);
        if (axes < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(axes), axes, "An independent support needs at least 1 axis; for 0 use the support of the elements itself.");
        }

        (Each, Axes) = (each, axes);
    }

    /// <summary>Where each element lies.</summary>
    public Support Each { get; }

    /// <summary>How many axes are read as part of one element.</summary>
    public int Axes { get; }

    /// <inheritdoc/>
    public override int EventRank => Each.EventRank + Axes;

    /// <inheritdoc/>
    public override bool IsDiscrete => Each.IsDiscrete;

    /// <inheritdoc/>
    public override Transform? FromUnconstrained => Each.FromUnconstrained is { } transform ? new IndependentTransform(transform, Axes) : null;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var inside = Each.Contains(value);
        return inside.flatten(inside.dim() - Axes).all(-1);
    }

    /// <inheritdoc/>
    public override bool ContainsAll(Tensor value) => Each.ContainsAll(value);

    internal override Support Kept() => VariesByElement ? new IndependentSupport(Each.Kept(), Axes) : this;

    internal override bool VariesByElement => Each.VariesByElement;

    /// <inheritdoc/>
    protected override bool CoversSet(Support other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other is IndependentSupport inner && inner.Axes == Axes
            ? Each.Covers(inner.Each)
            : Each is Interval { IsWholeLine: true } && other.EventRank == EventRank && IsOfFullDimension(other);
    }

    // A density over a simplex, say, is one over fewer dimensions than the vectors have: no ratio to a density over vectors is defined.
    private static bool IsOfFullDimension(Support set) => set switch
    {
        IndependentSupport independent => IsOfFullDimension(independent.Each),
        Interval or ProbVae.Circular or ProbVae.OrderedVector => true,
        _ => false,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{(EventRank == 1 ? "a vector" : "an array")} whose every element is {Each}";
}
