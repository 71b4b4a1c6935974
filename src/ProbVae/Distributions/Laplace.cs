using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Laplace(μ, b): p(x) = exp(−|x − μ| / b) / 2b. Support: the real numbers. Reparameterized as μ + b log(U/V) with U, V uniform:
/// a difference of two exponentials (Devroye 1986, Non-Uniform Random Variate Generation, IX.1).
/// Formula: Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 24.
/// </summary>
public sealed class Laplace : Distribution, IReparameterized
{
    /// <summary>A Laplace distribution of each element.</summary>
    /// <param name="loc">Mean and median μ. Range: real.</param>
    /// <param name="scale">Mean absolute deviation b. Range: b &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Laplace(TensorLike loc, TensorLike scale)
        : base([("loc", loc, Support.Real, 0), ("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Mean and median μ.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Mean absolute deviation b.</summary>
    public Tensor Scale => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Real;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Loc);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Scale.square().mul(2));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Expectations.Entropy(this);

    /// <inheritdoc/>
    protected override Tensor ElementMode => Loc;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.sub(Loc).abs().div(Scale).add(Scale.mul(2).log()).neg();
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var ratio = Draws.AboveZero(shape, DType, Device, generator).div_(Draws.AboveZero(shape, DType, Device, generator));
        return ratio.log_().mul(Scale).add(Loc);
    }

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var z = value.sub(Loc).div(Scale);
        var tail = z.abs().neg().exp().mul(0.5);
        return where(z.lt(0), tail, 1 - tail);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        var tail = probability.minimum(1 - probability).mul(2).log();
        return where(probability.lt(0.5), tail, tail.neg()).mul(Scale).add(Loc);
    }
}
