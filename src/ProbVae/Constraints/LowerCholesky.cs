using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Square matrices with zeros above the diagonal and numbers greater than 0 on it: Cholesky factors.</summary>
public sealed class LowerCholesky : ArraySupport
{
    /// <inheritdoc/>
    public override int EventRank => 2;

    /// <inheritdoc/>
    public override Transform? FromUnconstrained => new LowerCholeskyTransform();

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return IsSquare(value) ? IsFactor(value) : Nowhere(value);
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is ProbVae.LowerCholesky;

    /// <inheritdoc/>
    public override string ToString() => "a lower triangular matrix with a diagonal > 0";

    internal static Tensor IsFactor(Tensor square)
    {
        var triangular = square.triu(1).eq(0).flatten(-2).all(-1);
        var positive = square.diagonal(0, -2, -1).gt(0).all(-1);
        return square.isfinite().flatten(-2).all(-1).logical_and(triangular).logical_and(positive);
    }
}
