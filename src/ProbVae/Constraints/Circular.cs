using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Angles in (−π, π], in radians. −π itself is taken as well: rounding cannot tell it from the numbers above it.</summary>
public sealed class Circular : Support
{
    internal static readonly Interval Angles = new(-Math.PI, Math.PI);

    /// <inheritdoc/>
    public override Transform? FromUnconstrained => new ComposeTransform(
        new SigmoidTransform(),
        AffineTransform.Between(OpenUnitInterval, this, -Math.PI, 2 * Math.PI));

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value) => Angles.Contains(value);

    /// <inheritdoc/>
    public override bool ContainsAll(Tensor value) => Angles.ContainsAll(value);

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is Circular || Angles.Covers(other);

    /// <inheritdoc/>
    public override string ToString() => "an angle in (−π, π]";
}
