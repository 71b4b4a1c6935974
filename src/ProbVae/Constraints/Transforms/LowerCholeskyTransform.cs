using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// From n (n + 1) / 2 real numbers to a Cholesky factor L of n × n: the numbers fill the lower triangle row by row, and those on the
/// diagonal are exponentiated. log |det| = the sum of the diagonal's x, in the coordinates of the lower triangle.
/// </summary>
/// <remarks>Source: Stan Reference Manual, "Covariance matrices".</remarks>
public sealed class LowerCholeskyTransform : Transform
{
    /// <inheritdoc/>
    public override Support Domain => Support.RealVector;

    /// <inheritdoc/>
    public override Support Codomain => Support.LowerCholesky;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var matrix = LowerTriangle.ToMatrix(x, 0, nameof(LowerCholeskyTransform));
        return matrix.tril(-1).add(Diagonal(matrix).ExpInRange().diag_embed());
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return LowerTriangle.ToVector(y.tril(-1).add(Diagonal(y).LogInRange().diag_embed()), 0);
    }

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Diagonal(LowerTriangle.ToMatrix(x, 0, nameof(LowerCholeskyTransform))).sum(-1);
    }

    /// <inheritdoc/>
    public override Shape ForwardShape(Shape shape) => LowerTriangle.MatrixShape(shape, 0, nameof(LowerCholeskyTransform));

    /// <inheritdoc/>
    public override Shape InverseShape(Shape shape) => LowerTriangle.VectorShape(shape, 0, nameof(LowerCholeskyTransform));

    private static Tensor Diagonal(Tensor matrix) => matrix.diagonal(0, -2, -1);
}
