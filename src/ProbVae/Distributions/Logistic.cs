using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Logistic(μ, s): p(x) = e^(−z) / (s (1 + e^(−z))²), z = (x − μ)/s. Support: the real numbers.
/// Reparameterized by inversion as μ + s log U/(1 − U) (Devroye 1986, Non-Uniform Random Variate Generation, II.2).
/// Formula: Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 23.
/// </summary>
public sealed class Logistic : Distribution, IReparameterized
{
    /// <summary>A logistic distribution of each element.</summary>
    /// <param name="loc">Mean μ. Range: real.</param>
    /// <param name="scale">Scale s: the standard deviation is πs/√3. Range: s &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Logistic(TensorLike loc, TensorLike scale)
        : base([("loc", loc, Support.Real, 0), ("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Mean μ.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Scale s.</summary>
    public Tensor Scale => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Real;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Loc);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Scale.square().mul(Math.PI * Math.PI / 3));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Scale.log().add(2);

    /// <inheritdoc/>
    protected override Tensor ElementMode => Loc;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        // log σ(z) σ(−z) = 2 log σ(z) − z, which no z overflows.
        var z = value.sub(Loc).div(Scale);
        return z.log_sigmoid().mul(2).sub(z).sub(Scale.log());
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        ElementInverseCdf(Draws.AboveZero(shape, DType, Device, generator).KeptInsideUnitInterval());

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.sub(Loc).div(Scale).sigmoid();
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return probability.log().sub(probability.neg().log1p()).mul(Scale).add(Loc);
    }
}
