using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Real numbers and the two infinities: what a bound may be.</summary>
public sealed class ExtendedReal : Support
{
    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.isnan().logical_not();
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is ExtendedReal || Real.Covers(other);

    /// <inheritdoc/>
    public override string ToString() => "a real number, −∞ or ∞";
}
