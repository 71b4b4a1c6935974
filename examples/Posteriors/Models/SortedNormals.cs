using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Models;

/// <summary>
/// K independent Normal(0, σ) numbers in increasing order: p(x) = K! Π_k Normal(x_k; 0, σ) for x_1 &lt; … &lt; x_K. A family of the
/// example's own: it serves as a prior, and automatic guides find the way to its support by themselves.
/// </summary>
public sealed class SortedNormals : Distribution
{
    private readonly double _logOrders;

    /// <summary>Sorted normal numbers.</summary>
    /// <param name="count">How many, K. Range: at least 1.</param>
    /// <param name="scale">Standard deviation σ of each before sorting. Range: σ &gt; 0.</param>
    public SortedNormals(int count, TensorLike scale)
        : base([("scale", scale, Support.Positive, 0)], [count]) =>
        _logOrders = Enumerable.Range(1, count).Sum(k => Math.Log(k));

    /// <inheritdoc/>
    public override Support Support => Support.OrderedVector;

    /// <inheritdoc/>
    public override Tensor Mean => throw new NotSupportedException("SortedNormals: the means of order statistics have no closed form; average draws.");

    /// <inheritdoc/>
    public override Tensor Variance => throw new NotSupportedException("SortedNormals: the variances of order statistics have no closed form; average draws.");

    private Tensor Scale => Arguments[0].Value;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _logOrders - ((value / Scale.unsqueeze(-1)).square() / 2).sum(dim: -1) - (value.shape[^1] * (Scale.log() + (0.5 * Math.Log(2 * Math.PI))));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        (randn(shape.ToArray(), DType, Device, generator: generator) * Scale.unsqueeze(-1)).sort(dim: -1).Values;
}
