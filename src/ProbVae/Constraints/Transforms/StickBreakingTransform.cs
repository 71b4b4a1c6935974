using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// From K − 1 real numbers to K probabilities: zₖ = σ(xₖ − log(K − k)) is the part of what the first k − 1 left of a stick of
/// length 1 that yₖ takes. x = 0 gives equal probabilities.
/// log |det| = Σₖ log σ(x′ₖ) + log σ(−x′ₖ) + Σ_{j&lt;k} log σ(−x′ⱼ), x′ the shifted x, in the coordinates y₁ … y_{K−1}.
/// </summary>
/// <remarks>
/// Source: Stan Reference Manual, "Unit simplex"; the same map as in torch.distributions. y comes from log y, which a Dirichlet density of that
/// very tensor reads: a probability that has rounded to 0 keeps its density and gradient.
/// </remarks>
public sealed class StickBreakingTransform : Transform
{
    /// <inheritdoc/>
    public override Support Domain => Support.RealVector;

    /// <inheritdoc/>
    public override Support Codomain => Support.Simplex;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var shifted = x.sub(LogOffsets(x));
        var left = shifted.neg().log_sigmoid().cumsum(-1);
        var none = zeros([.. x.shape[..^1], 1], x.dtype, x.device);
        // log yₖ = log zₖ + log of what the earlier ones left, with z_K = 1.
        var logarithms = cat([shifted.log_sigmoid(), none], -1).add(cat([none, left], -1));
        return logarithms.exp().WithLogarithms(logarithms);
    }

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y)
    {
        ArgumentNullException.ThrowIfNull(y);
        var count = y.shape[^1] - 1;
        if (count > 0 && LogCoordinates.Of(y) is { } logarithms)
        {
            var logLeft = logarithms.flip(-1).logcumsumexp(-1).flip(-1);
            var logTaken = logarithms.narrow(-1, 0, count);
            return logTaken.sub(logLeft.narrow(-1, 1, count)).add(LogOffsets(logTaken));
        }

        // What is left is summed from the end: 1 − the sum so far would have no digits in the tail.
        var (taken, left) = (y.narrow(-1, 0, count), y.SumAfter().narrow(-1, 0, count));
        return taken.LogInRange().sub(left.LogInRange()).add(LogOffsets(taken));
    }

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        var shifted = x.sub(LogOffsets(x));
        var logRest = shifted.neg().log_sigmoid();
        return shifted.log_sigmoid().add(logRest.cumsum(-1)).sum(-1);
    }

    /// <inheritdoc/>
    public override Shape ForwardShape(Shape shape) => Lengthened(shape, 1);

    /// <inheritdoc/>
    public override Shape InverseShape(Shape shape) => Lengthened(shape, -1);

    // log(K − k) for k = 1 … K − 1.
    private static Tensor LogOffsets(Tensor x)
    {
        var count = (int)x.shape[^1];
        double[] offsets = [.. Enumerable.Range(1, count).Select(k => Math.Log(count + 1 - k))];
        return tensor(offsets, x.dtype, x.device);
    }

    private static Shape Lengthened(Shape shape, long by) => shape.Rank > 0 && shape[^1] + by >= 0
        ? shape[..^1] + [shape[^1] + by]
        : throw new ArgumentException($"StickBreakingTransform: it maps vectors of K − 1 numbers to vectors of K ≥ 1, received shape {shape}.");
}
