using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Weibull(λ, k): p(x) = (k/λ) (x/λ)^(k−1) exp(−(x/λ)^k). Support: x &gt; 0.
/// Reparameterized by inversion as λ (−log U)^(1/k) (Devroye 1986, Non-Uniform Random Variate Generation, II.2).
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 21.
/// </summary>
public sealed class Weibull : Distribution, IReparameterized
{
    /// <summary>A Weibull distribution of each element.</summary>
    /// <param name="scale">Scale λ. Range: λ &gt; 0.</param>
    /// <param name="concentration">Shape k. Range: k &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Weibull(TensorLike scale, TensorLike concentration)
        : base([("scale", scale, Support.Positive, 0), ("concentration", concentration, Support.Positive, 0)])
    {
    }

    /// <summary>Scale λ.</summary>
    public Tensor Scale => Arguments[0].Value;

    /// <summary>Shape k.</summary>
    public Tensor Concentration => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Positive;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(q => q.Scale.mul(LogMoments.OfPower(q.Concentration, 1).exp())));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(q => q.Scale.square().mul(LogMoments.OfPower(q.Concentration, 2).exp()).mul(LogMoments.Spread(q.Concentration).neg().expm1().neg())));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(Expectations.Entropy);

    /// <summary>λ ((k − 1)/k)^(1/k); 0 for k ≤ 1.</summary>
    protected override Tensor ElementMode
    {
        get
        {
            var inverse = Concentration.clamp_min(1).reciprocal();
            return Scale.mul((1 - inverse).pow(inverse));
        }
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var power = LogRatio.Of(value, Scale).mul(Concentration);
        return Concentration.log().sub(value.log()).add(power).sub(power.exp());
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var hazard = Draws.AboveZero(shape, DType, Device, generator).KeptInsideUnitInterval().log_().neg_();
        hazard.log_();
        // A small k has draws beyond the numbers of its type, which the scale may bring back.
        return Extremes.Least(Concentration) < Stirling.Small
            ? this.Precisely(hazard, (q, log) => log.div(q.Concentration).add(q.Scale.log()).ExpKeptPositive(DType))
            : hazard.div(Concentration).ExpKeptPositive().mul(Scale).KeptPositive();
    }

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.clamp_min(0).div(Scale).pow(Concentration).neg().expm1().neg();
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return probability.neg().log1p().neg().pow(Concentration.reciprocal()).mul(Scale);
    }
}
