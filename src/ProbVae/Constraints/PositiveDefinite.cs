using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Symmetric matrices with eigenvalues greater than 0. Elements across the diagonal may differ by 1e-6 (float32: 1e-4) of the
/// greatest element.
/// </summary>
public sealed class PositiveDefinite : ArraySupport
{
    /// <inheritdoc/>
    public override int EventRank => 2;

    /// <inheritdoc/>
    public override Transform? FromUnconstrained => new ComposeTransform(new LowerCholeskyTransform(), new PositiveDefiniteTransform());

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!IsSquare(value))
        {
            return Nowhere(value);
        }

        var greatest = value.abs().amax([-2, -1], keepdim: true);
        var difference = value.sub(value.transpose(-2, -1)).abs();
        var symmetric = difference.le(greatest.mul(SumTolerance(value, 1))).flatten(-2).all(-1);
        var finite = value.isfinite().flatten(-2).all(-1);
        // The factorization of a matrix with NaN is undefined: it sees the unit matrix there.
        var seen = where(finite.unsqueeze(-1).unsqueeze(-1), value, eye(value.shape[^1], dtype: value.dtype, device: value.device));
        var (factor, failure) = linalg.cholesky_ex(seen);
        // A pivot below a rounding of its diagonal element is that of a singular matrix.
        var regular = factor.diagonal(0, -2, -1).square().gt(seen.diagonal(0, -2, -1).mul(finfo(value.dtype).eps)).all(-1);
        return finite.logical_and(symmetric).logical_and(failure.eq(0)).logical_and(regular);
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is PositiveDefinite;

    /// <inheritdoc/>
    public override string ToString() => "a symmetric positive definite matrix";
}
