using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// InverseGamma(α, β): 1/x ~ Gamma(α, β), so p(x) = β^α x^(−α−1) e^(−β/x) / Γ(α). Support: x &gt; 0. The mean is infinite for
/// α ≤ 1 and the variance for α ≤ 2. Drawn as β/G, G ~ Gamma(α, 1), reparameterized through G's implicit gradient.
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 17.
/// </summary>
public sealed class InverseGamma : Distribution, IReparameterized
{
    private InverseGamma((string Name, TensorLike Value) first, (string Name, TensorLike Value) second)
        : base([(first.Name, first.Value, Support.Positive, 0), (second.Name, second.Value, Support.Positive, 0)])
    {
    }

    /// <summary>Shape α.</summary>
    public Tensor Concentration => Arguments[0].Value;

    /// <summary>Scale β of x, which is the rate of 1/x.</summary>
    public Tensor Rate => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Positive;

    /// <summary>β/(α − 1); infinite for α ≤ 1.</summary>
    public override Tensor Mean => Spread(Rate.div(Concentration.clamp_min(1).sub(1)));

    /// <summary>β²/((α − 1)² (α − 2)); infinite for α ≤ 2.</summary>
    public override Tensor Variance => Spread(this.Precisely(inverse =>
    {
        var shape = inverse.Concentration.clamp_min(2);
        return inverse.Rate.div(shape.sub(1)).square().div(shape.sub(2));
    }));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy =>
        this.Precisely(q => Stirling.GammaEntropy(q.Concentration).add(q.Rate.log()).sub(q.Concentration.digamma().mul(2)));

    /// <inheritdoc/>
    protected override Tensor ElementMode => Rate.div(Concentration.add(1));

    /// <summary>An inverse-gamma distribution of each element by shape and scale.</summary>
    /// <param name="concentration">Shape α. Range: α &gt; 0.</param>
    /// <param name="rate">Scale β of x, named after what it is to 1/x: its rate. Range: β &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static InverseGamma FromShapeScale(TensorLike concentration, TensorLike rate) =>
        new((nameof(concentration), concentration), (nameof(rate), rate));

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (concentration, rate) = (Concentration, Rate);
        if (Extremes.Greatest(concentration) > Stirling.Everyday)
        {
            return this.Precisely(value, (inverse, x) => Stirling.LogGammaDensity(inverse.Concentration, inverse.Rate.div(x)).sub(x.log()));
        }

        return concentration.mul(rate.log()).sub(concentration.lgamma()).sub(value.log().mul(concentration.add(1))).sub(rate.div(value));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        Stirling.IsEveryday(Concentration) ? Rate.log().sub(StandardGamma.LogDraw(Concentration, shape, generator)).ExpKeptPositive()
            : this.Precisely(inverse => inverse.Rate.log().sub(StandardGamma.LogDraw(inverse.Concentration, shape, generator)).ExpKeptPositive(DType));

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return IncompleteGamma.Of(Concentration, Rate.div(value.to(ScalarType.Float64).clamp_min(0)), DType, upper: true);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return Draws.QuantileKeptPositive(Rate.div(IncompleteGamma.QuantileOf(Concentration, probability, upper: true)), probability, DType);
    }
}
