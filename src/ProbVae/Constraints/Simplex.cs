using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Vectors of K numbers of at least 0 that sum to 1, within 1e-6 · K in float64 and 1e-4 in float32.</summary>
public sealed class Simplex : ArraySupport
{
    /// <inheritdoc/>
    public override Transform? FromUnconstrained => new StickBreakingTransform();

    /// <inheritdoc/>
    public override int EventRank => 1;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.ge(0).all(-1).logical_and(value.sum(-1).sub(1).abs().le(SumTolerance(value, value.shape[^1])));
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is Simplex;

    /// <inheritdoc/>
    public override string ToString() => "a vector of numbers ≥ 0 that sum to 1";

    /// <inheritdoc/>
    protected internal override string Describe(Tensor element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return $"{base.Describe(element)} with the sum {Format(element.to(ScalarType.Float64).sum().item<double>())}";
    }
}
