using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Uniform(a, b): p(x) = 1 / (b − a). Support: a ≤ x ≤ b. Reparameterized as a + (b − a) U, U uniform on [0, 1).
/// Formula: Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 26.
/// </summary>
public sealed class Uniform : Distribution, IReparameterized
{
    /// <summary>A uniform distribution of each element.</summary>
    /// <param name="low">Lower bound a. Range: real.</param>
    /// <param name="high">Upper bound b. Range: real, b &gt; a.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Uniform(TensorLike low, TensorLike high)
        : base([("low", low, Support.Real, 0), ("high", high, Support.Real, 0)])
    {
    }

    /// <summary>Lower bound a.</summary>
    public Tensor Low => Arguments[0].Value;

    /// <summary>Upper bound b.</summary>
    public Tensor High => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => new Interval(Low, High);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Low.add(High).mul(0.5));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(High.sub(Low).square().div(12));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Expectations.Entropy(this);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return zeros_like(value).sub(High.sub(Low).log());
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        // U is at most 1 − ε/2, so the product rounds to less than the width and the sum to no more than b.
        Draws.Uniform(shape, DType, Device, generator).mul(High.sub(Low)).add(Low);

    /// <inheritdoc/>
    protected override string? JointProblem() => OrderedBounds.Problem(Family, Low, High);

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.sub(Low).div(High.sub(Low)).clamp(0, 1);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return High.sub(Low).mul(probability).add(Low);
    }
}
