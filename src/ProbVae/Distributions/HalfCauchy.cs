using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// HalfCauchy(γ): p(x) = 2 / (πγ (1 + (x/γ)²)), the absolute value of a Cauchy(0, γ). Support: x ≥ 0. The mean is infinite; the
/// variance does not exist and is given as NaN. Reparameterized as γ |C|, C ~ Cauchy(0, 1).
/// </summary>
public sealed class HalfCauchy : Distribution, IReparameterized
{
    /// <summary>A half-Cauchy distribution of each element.</summary>
    /// <param name="scale">Median γ. Range: γ &gt; 0.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public HalfCauchy(TensorLike scale)
        : base([("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Median γ.</summary>
    public Tensor Scale => Arguments[0].Value;

    /// <inheritdoc/>
    public override Support Support => Support.NonNegative;

    /// <summary>Infinity.</summary>
    public override Tensor Mean => Spread(full_like(Scale, double.PositiveInfinity));

    /// <summary>NaN: there is no finite mean to vary about.</summary>
    public override Tensor Variance => Spread(full_like(Scale, double.NaN));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Scale.log().add(Math.Log(2 * Math.PI));

    /// <inheritdoc/>
    protected override Tensor ElementMode => zeros_like(Scale);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var z = value.div(Scale);
        if (DType != ScalarType.Float64 && !Cauchy.IsNear(z))
        {
            return this.Precisely(value, (cauchy, x) => cauchy.LogDensity(x).ToTensor());
        }

        return new(Cauchy.LogOfOnePlusSquare(z).add(Scale.log()), -1, -Math.Log(Math.PI / 2));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        Cauchy.StandardDraw(shape, DType, Device, generator).abs_().mul(Scale);

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.clamp_min(0).div(Scale).atan().mul(2 / Math.PI);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        // The cotangent of the complement is exact up to 1, where the tangent is not.
        var (below, above) = (probability.mul(Math.PI / 2).tan(), (1 - probability).mul(Math.PI / 2).tan().reciprocal());
        return where(probability.lt(0.5), below, above).mul(Scale);
    }
}
