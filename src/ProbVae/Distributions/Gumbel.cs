using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Gumbel(μ, β): p(x) = exp(−z − e^(−z)) / β, z = (x − μ)/β: the law of maxima. Support: the real numbers.
/// Reparameterized by inversion as μ − β log(−log U) (Devroye 1986, Non-Uniform Random Variate Generation, II.2).
/// Formula: Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 22.
/// </summary>
public sealed class Gumbel : Distribution, IReparameterized
{
    private const double EulerGamma = 0.57721566490153286061;

    /// <summary>A Gumbel distribution of each element.</summary>
    /// <param name="loc">Mode μ. Range: real.</param>
    /// <param name="scale">Scale β. Range: β &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Gumbel(TensorLike loc, TensorLike scale)
        : base([("loc", loc, Support.Real, 0), ("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Mode μ.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Scale β.</summary>
    public Tensor Scale => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Real;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Loc.add(Scale.mul(EulerGamma)));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Scale.square().mul(Math.PI * Math.PI / 6));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Expectations.Entropy(this);

    /// <inheritdoc/>
    protected override Tensor ElementMode => Loc;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var z = value.sub(Loc).div(Scale);
        return new(z.add(z.neg().exp()).add(Scale.log()), -1);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        Loc.sub(Draws.AboveZero(shape, DType, Device, generator).KeptInsideUnitInterval().log_().neg_().log_().mul(Scale));

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Loc.sub(value).div(Scale).exp().neg().exp();
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return Loc.sub(probability.log().neg().log().mul(Scale));
    }
}
