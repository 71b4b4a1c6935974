using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// From a Cholesky factor L of n × n to the matrix L Lᵀ, with log |det| = n log 2 + Σᵢ (n + 1 − i) log Lᵢᵢ, in the coordinates of the
/// lower triangles. After a <see cref="LowerCholeskyTransform"/> it maps real numbers to positive definite matrices,
/// which are finite for elements of L up to the square root of the type's greatest number: x up to 44 in float32.
/// </summary>
/// <remarks>Source: Stan Reference Manual, "Covariance matrices".</remarks>
public sealed class PositiveDefiniteTransform : Transform
{
    /// <inheritdoc/>
    public override Support Domain => Support.LowerCholesky;

    /// <inheritdoc/>
    public override Support Codomain => Support.PositiveDefinite;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.matmul(x.transpose(-2, -1));
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => linalg.cholesky(y);

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        var side = (int)x.shape[^1];
        double[] powers = [.. Enumerable.Range(0, side).Select(i => (double)(side - i))];
        return x.diagonal(0, -2, -1).log().mul(tensor(powers, x.dtype, x.device)).sum(-1).add(side * Math.Log(2));
    }
}
