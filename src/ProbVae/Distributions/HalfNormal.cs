using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// HalfNormal(σ): p(x) = √(2/π) exp(−x² / 2σ²) / σ, the absolute value of a Normal(0, σ). Support: x ≥ 0.
/// Reparameterized as σ |ε|, ε ~ Normal(0, 1).
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 13.
/// </summary>
public sealed class HalfNormal : Distribution, IReparameterized
{
    private static readonly double LogRootHalfPi = 0.5 * Math.Log(Math.PI / 2);

    /// <summary>A half-normal distribution of each element.</summary>
    /// <param name="scale">Standard deviation σ of the whole normal. Range: σ &gt; 0.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public HalfNormal(TensorLike scale)
        : base([("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Standard deviation σ of the whole normal.</summary>
    public Tensor Scale => Arguments[0].Value;

    /// <inheritdoc/>
    public override Support Support => Support.NonNegative;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Scale.mul(Math.Sqrt(2 / Math.PI)));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Scale.square().mul(1 - 2 / Math.PI));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Expectations.Entropy(this);

    /// <inheritdoc/>
    protected override Tensor ElementMode => zeros_like(Scale);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var z = value.div(Scale);
        var log = Scale.log();
        return new(z.mul(z).add(log.add(log)), -0.5, -LogRootHalfPi);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        Draws.Normal(shape, DType, Device, generator).abs_().mul(Scale);

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.clamp_min(0).div(Scale.mul(Math.Sqrt(2))).erf();
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return probability.erfinv().mul(Scale.mul(Math.Sqrt(2)));
    }
}
