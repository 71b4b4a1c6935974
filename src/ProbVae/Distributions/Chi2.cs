using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Chi2(ν) = Gamma(ν/2, ½): p(x) = x^(ν/2−1) e^(−x/2) / (2^(ν/2) Γ(ν/2)), the sum of ν squared standard normals. Support: x &gt; 0.
/// Drawn as 2G, G ~ Gamma(ν/2, 1), reparameterized through G's implicit gradient.
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 18.
/// </summary>
public sealed class Chi2 : Distribution, IReparameterized
{
    /// <summary>A chi-squared distribution of each element.</summary>
    /// <param name="df">Degrees of freedom ν. Range: ν &gt; 0.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public Chi2(TensorLike df)
        : base([("df", df, Support.Positive, 0)])
    {
    }

    /// <summary>Degrees of freedom ν.</summary>
    public Tensor Df => Arguments[0].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Positive;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Df);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Df.mul(2));

    /// <summary>Shape ν/2 as a gamma distribution.</summary>
    internal Tensor Concentration => Df.mul(0.5);

    /// <summary>Rate ½ as a gamma distribution.</summary>
    internal Tensor Rate => full_like(Df, 0.5);

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(chi => Stirling.GammaEntropy(chi.Concentration).add(Math.Log(2)));

    /// <inheritdoc/>
    protected override Tensor ElementMode => Df.sub(2).clamp_min(0);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var half = Concentration;
        if (Extremes.Greatest(half) > Stirling.Everyday)
        {
            return this.Precisely(value, (chi, x) => Stirling.LogGammaDensity(chi.Concentration, x.mul(0.5)).sub(x.log()));
        }

        return value.log().mul(half.sub(1)).sub(value.mul(0.5)).sub(half.mul(Math.Log(2)).add(half.lgamma()));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        Extremes.Least(Concentration) < Stirling.Small
            ? this.Precisely(chi => StandardGamma.LogDraw(chi.Concentration, shape, generator).add(Math.Log(2)).ExpKeptPositive(DType))
            : StandardGamma.Draw(Concentration, shape, generator).mul(2).KeptPositive();

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return IncompleteGamma.Of(Concentration, value.to(ScalarType.Float64).clamp_min(0).mul(0.5), DType);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return Draws.QuantileKeptPositive(IncompleteGamma.QuantileOf(Concentration, probability).mul(2), probability, DType);
    }
}
