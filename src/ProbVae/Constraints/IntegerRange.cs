using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Whole numbers from a lower to an upper bound, both included.</summary>
/// <param name="lower">The smallest number.</param>
/// <param name="upper">The greatest number.</param>
public sealed class IntegerRange(long lower, long upper) : Support
{
    /// <summary>The smallest number.</summary>
    public long Lower { get; } = lower;

    /// <summary>The greatest number.</summary>
    public long Upper { get; } = upper;

    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override Tensor? Elements => arange(Lower, Upper + 1, ScalarType.Int64);

    private bool IsBoolean => (Lower, Upper) is (0, 1);

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!value.is_floating_point())
        {
            return value.ge(Lower).logical_and(value.le(Upper));
        }

        return value.eq(value.floor()).logical_and(value.ge(Lower)).logical_and(value.le(Upper));
    }

    /// <inheritdoc/>
    public override bool ContainsAll(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return HostNumbers.Range(value) is var (least, greatest) && HostNumbers.AreWhole(value) is { } whole
            ? whole && least >= HostNumbers.In(value.dtype, Lower) && greatest <= HostNumbers.In(value.dtype, Upper)
            : base.ContainsAll(value);
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is IntegerRange range && range.Lower >= Lower && range.Upper <= Upper;

    /// <inheritdoc/>
    public override string ToString() => IsBoolean ? "0 or 1" : $"a whole number from {Lower} to {Upper}";
}
