using static TorchSharp.torch;

namespace ProbVae;

/// <summary>y = eˣ, with log |dy/dx| = x. y is held between the smallest and the greatest normal number of its type.</summary>
public sealed class ExpTransform : Transform
{
    /// <inheritdoc/>
    public override Support Codomain => Support.Positive;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x.ExpInRange();

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => y.LogInRange();

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y) => x;
}
