using static TorchSharp.torch;

namespace ProbVae;

/// <summary>y = log x of an x &gt; 0, with log |dy/dx| = −log x = −y: the inverse of <see cref="ExpTransform"/>.</summary>
public sealed class LogTransform : Transform
{
    /// <inheritdoc/>
    public override Support Domain => Support.Positive;

    /// <inheritdoc/>
    public override Support Codomain => Support.Real;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x.LogInRange();

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => y.ExpInRange();

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return y.neg();
    }
}
