using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Whole numbers from a lower bound on, without an upper one.</summary>
/// <param name="lower">The smallest number.</param>
public sealed class IntegersFrom(long lower) : Support
{
    /// <summary>The smallest number.</summary>
    public long Lower { get; } = lower;

    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var above = value.ge(Lower);
        return value.is_floating_point() ? above.logical_and(value.eq(value.floor())).logical_and(value.isfinite()) : above;
    }

    /// <inheritdoc/>
    public override bool ContainsAll(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return HostNumbers.Range(value) is var (least, _) && HostNumbers.AreWhole(value) is { } whole
            ? whole && least >= HostNumbers.In(value.dtype, Lower)
            : base.ContainsAll(value);
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other switch
    {
        IntegersFrom open => open.Lower >= Lower,
        IntegerRange range => range.Lower >= Lower,
        _ => false,
    };

    /// <inheritdoc/>
    public override string ToString() => $"a whole number ≥ {Lower}";
}
