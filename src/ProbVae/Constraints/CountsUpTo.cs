using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Whole numbers from 0 to an upper bound that may differ by element: the successes of so many trials.</summary>
/// <param name="upper">The greatest number of each element.</param>
public sealed class CountsUpTo(Tensor upper) : Support
{
    /// <summary>The greatest number of each element.</summary>
    public Tensor Upper { get; } = upper;

    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.eq(value.floor()).logical_and(value.ge(0)).logical_and(value.le(Upper));
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other)
    {
        using var scope = NewDisposeScope();
        return other switch
        {
            IntegerRange range => range.Lower >= 0 && Upper.ge(range.Upper).all().ToBoolean(),
            CountsUpTo counts => new Shape(Upper.shape).BroadcastWith(new Shape(counts.Upper.shape)) is not null && Upper.ge(counts.Upper).all().ToBoolean(),
            _ => false,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => "a whole number from 0 to its element's count";

    /// <summary>The range from 0 to each element's count: an <see cref="IntegerRange"/> where they are all the same.</summary>
    internal static Support Of(Tensor upper)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (least, greatest) = HostNumbers.Range(upper) ?? (upper.min().ToDouble(), upper.max().ToDouble());
        return least == greatest && least <= long.MaxValue ? new IntegerRange(0, (long)least) : new CountsUpTo(upper);
    }
}
