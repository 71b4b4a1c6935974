using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A transform read the other way round: y = f⁻¹(x), with log |det| = −log |det ∂f|.</summary>
/// <param name="transform">The transform f.</param>
public sealed class InverseTransform(Transform transform) : Transform
{
    /// <summary>The transform f.</summary>
    public Transform Inverted { get; } = transform ?? throw new ArgumentNullException(nameof(transform));

    /// <inheritdoc/>
    public override Support Domain => Inverted.Codomain;

    /// <inheritdoc/>
    public override Support Codomain => Inverted.Domain;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Inverted.Inverse(x);

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => Inverted.Forward(y);

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y) => Inverted.LogDeterminant(y, x).neg();

    /// <inheritdoc/>
    public override Shape ForwardShape(Shape shape) => Inverted.InverseShape(shape);

    /// <inheritdoc/>
    public override Shape InverseShape(Shape shape) => Inverted.ForwardShape(shape);
}
