using static TorchSharp.torch;

namespace ProbVae;

/// <summary>y = x, with log |det| = 0.</summary>
/// <param name="space">Where x and y lie; the real numbers unless said.</param>
public sealed class IdentityTransform(Support? space = null) : Transform
{
    /// <inheritdoc/>
    public override Support Domain { get; } = space ?? Support.Real;

    /// <inheritdoc/>
    public override Support Codomain => Domain;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x;

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => y;

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y) => zeros_like(x).SumLast(Domain.EventRank);
}
