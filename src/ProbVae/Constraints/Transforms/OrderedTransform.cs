using static TorchSharp.torch;

namespace ProbVae;

/// <summary>From real vectors to vectors in increasing order: y₁ = x₁, yₖ = yₖ₋₁ + e^(xₖ), with log |det| = x₂ + … + x_K.</summary>
/// <remarks>Source: Stan Reference Manual, "Ordered vector".</remarks>
public sealed class OrderedTransform : Transform
{
    /// <inheritdoc/>
    public override Support Domain => Support.RealVector;

    /// <inheritdoc/>
    public override Support Codomain => Support.OrderedVector;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return cat([First(x), Rest(x).ExpInRange()], -1).cumsum(-1).clamp_max(finfo(x.dtype).max);
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        var steps = Rest(y).sub(y.narrow(-1, 0, y.shape[^1] - 1));
        return cat([First(y), steps.LogInRange()], -1);
    }

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Rest(x).sum(-1);
    }

    private static Tensor First(Tensor vectors) => vectors.narrow(-1, 0, 1);

    private static Tensor Rest(Tensor vectors) => vectors.narrow(-1, 1, vectors.shape[^1] - 1);
}
