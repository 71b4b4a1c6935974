using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Cholesky factors of correlation matrices: lower triangular, a diagonal greater than 0, and rows of length 1, whose squares sum
/// to 1 within 1e-6 · n in float64 and 1e-4 in float32.
/// </summary>
public sealed class CorrelationCholesky : ArraySupport
{
    /// <inheritdoc/>
    public override int EventRank => 2;

    /// <inheritdoc/>
    public override Transform? FromUnconstrained => new CorrelationCholeskyTransform();

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!IsSquare(value))
        {
            return Nowhere(value);
        }

        var unitRows = value.square().sum(-1).sub(1).abs().le(SumTolerance(value, value.shape[^1])).all(-1);
        return ProbVae.LowerCholesky.IsFactor(value).logical_and(unitRows);
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is CorrelationCholesky;

    /// <inheritdoc/>
    public override string ToString() => "a lower triangular matrix with a diagonal > 0 and rows of length 1";
}
