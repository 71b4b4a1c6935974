using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// From n (n − 1) / 2 real numbers to the Cholesky factor L of an n × n correlation matrix: zᵢⱼ = tanh xᵢⱼ are the canonical partial
/// correlations, row by row under the diagonal, and Lᵢⱼ = zᵢⱼ Π_{k&lt;j} √(1 − zᵢₖ²), Lᵢᵢ = Π_{k&lt;i} √(1 − zᵢₖ²).
/// log |det| = Σᵢⱼ 2 log s(xᵢⱼ) + Σ_{k&lt;j} log s(xᵢₖ) with s(x) = 1 / cosh x = √(1 − z²), in the coordinates Lᵢⱼ under the diagonal.
/// </summary>
/// <remarks>
/// Sources: Lewandowski, Kurowicka and Joe (2009), Generating random correlation matrices based on vines and extended onion method;
/// Stan Reference Manual, "Cholesky factors of correlation matrices".
/// </remarks>
public sealed class CorrelationCholeskyTransform : Transform
{
    /// <inheritdoc/>
    public override Support Domain => Support.RealVector;

    /// <inheritdoc/>
    public override Support Codomain => Support.CorrelationCholesky;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        var matrix = Fill(x);
        // The logarithm of the length that the columns before have left to a row. On the diagonal tanh 0 = 0 becomes 1.
        var logLength = matrix.LogSech().SumBefore();
        var unit = eye(matrix.shape[^1], dtype: x.dtype, device: x.device);
        return matrix.tanh().add(unit).mul(logLength.ExpInRange()).tril();
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        // With r² what the columns after j hold of a row, zᵢⱼ = Lᵢⱼ / √(Lᵢⱼ² + r²), so that xᵢⱼ = artanh zᵢⱼ = arsinh(Lᵢⱼ / r).
        var (below, rest) = (LowerTriangle.ToVector(y, -1), LowerTriangle.ToVector(y.square().SumAfter(), -1));
        return below.div(rest.clamp_min(finfo(y.dtype).tiny).sqrt()).asinh();
    }

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        var logSech = Fill(x).LogSech();
        return logSech.mul(2).add(logSech.SumBefore().tril(-1)).sum([-2, -1]);
    }

    /// <inheritdoc/>
    public override Shape ForwardShape(Shape shape) => LowerTriangle.MatrixShape(shape, -1, nameof(CorrelationCholeskyTransform));

    /// <inheritdoc/>
    public override Shape InverseShape(Shape shape) => LowerTriangle.VectorShape(shape, -1, nameof(CorrelationCholeskyTransform));

    private static Tensor Fill(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return LowerTriangle.ToMatrix(x, -1, nameof(CorrelationCholeskyTransform));
    }
}
