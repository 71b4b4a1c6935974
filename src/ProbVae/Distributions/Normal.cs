using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Normal(μ, σ): p(x) = exp(−(x − μ)² / 2σ²) / (σ √(2π)). Support: the real numbers. Reparameterized as μ + σ ε, ε ~ Normal(0, 1).
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 13.
/// </summary>
public sealed class Normal : Distribution, IReparameterized
{
    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>A normal distribution of each element.</summary>
    /// <param name="loc">Mean μ. Range: real.</param>
    /// <param name="scale">Standard deviation σ. Range: σ &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Normal(TensorLike loc, TensorLike scale)
        : base([("loc", loc, Support.Real, 0), ("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Mean μ.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Standard deviation σ.</summary>
    public Tensor Scale => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Real;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Loc);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Scale.square());

    /// <summary>Normal(0, I): one event of independent standard normal elements.</summary>
    /// <param name="eventShape">The event's sizes; none makes a scalar.</param>
    public static Distribution Standard(params long[] eventShape) => Standard(new Shape(eventShape), CPU);

    /// <summary>Normal(0, I) on a device.</summary>
    /// <param name="eventShape">The event's sizes.</param>
    /// <param name="device">Where it lies.</param>
    /// <param name="dtype">Its type; float32 unless said.</param>
    public static Distribution Standard(Shape eventShape, Device device, ScalarType dtype = ScalarType.Float32) =>
        new Normal(zeros([], dtype, device), ones([], dtype, device)).Expand(eventShape).ToEvent(eventShape.Rank);

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Expectations.Entropy(this);

    /// <inheritdoc/>
    protected override Tensor ElementMode => Loc;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Density(value.sub(Loc).div(Scale));
    }

    /// <inheritdoc/>
    /// <remarks>Of z² + 2 log σ the slopes are 2z/σ in x, −2z/σ in μ and 2 (1 − z²)/σ in σ.</remarks>
    private protected override ScaledTensor? KnownDensity(Tensor value)
    {
        using var noGrad = no_grad();
        var z = value.sub(Loc).div(Scale);
        return Density(z).WithGradient(
            (value, factor => z.mul(2 * factor).div_(Scale)),
            (Loc, factor => z.mul(-2 * factor).div_(Scale)),
            (Scale, factor => z.mul(z).sub_(1).mul_(-2 * factor).div_(Scale)));
    }

    private ScaledTensor Density(Tensor z) => new(z.mul(z).add_(Scale.log(), 2), -0.5, -LogRootTwoPi);

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        addcmul(Loc, Draws.Normal(shape, DType, Device, generator), Scale, 1);

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return NormalMass.Cdf(value.sub(Loc).div(Scale));
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return special.ndtri(probability).mul(Scale).add(Loc);
    }
}
