using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Beta(α, β): p(x) = x^(α−1) (1 − x)^(β−1) Γ(α+β) / (Γ(α) Γ(β)). Support: 0 &lt; x &lt; 1. Drawn as G/(G + H) with G ~ Gamma(α, 1)
/// and H ~ Gamma(β, 1) (Devroye 1986, Non-Uniform Random Variate Generation, IX.4), reparameterized through both.
/// Formula: Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 25.
/// </summary>
public sealed class Beta : Distribution, IReparameterized
{
    /// <summary>A beta distribution of each element.</summary>
    /// <param name="concentration1">Weight α of 1. Range: α &gt; 0.</param>
    /// <param name="concentration0">Weight β of 0. Range: β &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Beta(TensorLike concentration1, TensorLike concentration0)
        : base([("concentration1", concentration1, Support.Positive, 0), ("concentration0", concentration0, Support.Positive, 0)])
    {
    }

    /// <summary>Weight α of 1.</summary>
    public Tensor Concentration1 => Arguments[0].Value;

    /// <summary>Weight β of 0.</summary>
    public Tensor Concentration0 => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.OpenUnitInterval;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(beta => beta.Concentration0.div(beta.Concentration1).add(1).reciprocal()));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(beta =>
    {
        var total = beta.Concentration1.add(beta.Concentration0);
        return beta.Concentration1.div(total).mul(beta.Concentration0.div(total)).div(total.add(1));
    }));

    /// <summary>log B(α, β) = log Γ(α) + log Γ(β) − log Γ(α + β).</summary>
    internal Tensor LogNormalizer => Concentration1.lgamma().add(Concentration0.lgamma()).sub(Concentration1.add(Concentration0).lgamma());

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(Expectations.Entropy);

    /// <summary>(α − 1)/(α + β − 2) for α, β ≥ 1, else the end where the density grows without bound; NaN for both ends, or α = β = 1.</summary>
    protected override Tensor ElementMode
    {
        get
        {
            var (alpha, beta) = (Concentration1, Concentration0);
            var inside = alpha.sub(1).div(alpha.add(beta).sub(2)).masked_fill(alpha.lt(1).logical_and(beta.lt(1)), double.NaN);
            return inside.masked_fill(alpha.lt(1).logical_and(beta.ge(1)), 0).masked_fill(beta.lt(1).logical_and(alpha.ge(1)), 1);
        }
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!Stirling.IsEveryday(Concentration1) || !Stirling.IsEveryday(Concentration0))
        {
            return this.Precisely(value, (beta, x) => Stirling.LogBetaDensity(beta.Concentration1, beta.Concentration0, x));
        }

        return value.log().mul(Concentration1.sub(1)).add(value.neg().log1p().mul(Concentration0.sub(1))).sub(LogNormalizer);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        // A draw is a small difference of logarithms where α or β is large.
        return (Stirling.IsEveryday(Concentration1) && Stirling.IsEveryday(Concentration0) ? Share(this) : this.Precisely(Share)).KeptInsideUnitInterval();

        Tensor Share(Beta beta) => StandardGamma.LogDraw(beta.Concentration1, shape, generator).sub(StandardGamma.LogDraw(beta.Concentration0, shape, generator)).sigmoid();
    }

    /// <summary>I_x(α, β), the regularized incomplete beta function.</summary>
    /// <param name="value">The value.</param>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var x = value.to(ScalarType.Float64).clamp(0, 1);
        return IncompleteBeta.Of(Concentration1, Concentration0, x, 1 - x, DType);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        var p = probability.to(ScalarType.Float64);
        var quantile = ByElement.Of(
            Concentration1.to(ScalarType.Float64), Concentration0.to(ScalarType.Float64), p, null, ScalarType.Float64,
            (alpha, beta, mass, _) =>
            {
                var (x, y, _) = IncompleteBeta.Quantile(alpha, beta, mass, 1 - mass);
                return IncompleteBeta.At(alpha, beta, x, y).Inverse(x);
            });
        var limits = finfo(DType);
        return where(p.gt(0).logical_and(p.lt(1)), quantile.clamp(limits.tiny, 1 - limits.eps / 2), quantile).to(DType);
    }
}
