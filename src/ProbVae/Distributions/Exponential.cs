using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Exponential(λ): p(x) = λ e^(−λx). Support: x ≥ 0. Reparameterized by inversion as −log(U)/λ, U uniform on (0, 1]
/// (Devroye 1986, Non-Uniform Random Variate Generation, II.2).
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 19.
/// </summary>
public sealed class Exponential : Distribution, IReparameterized
{
    /// <summary>An exponential distribution of each element.</summary>
    /// <param name="rate">Rate λ = 1/mean. Range: λ &gt; 0.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public Exponential(TensorLike rate)
        : base([("rate", rate, Support.Positive, 0)])
    {
    }

    /// <summary>Rate λ.</summary>
    public Tensor Rate => Arguments[0].Value;

    /// <inheritdoc/>
    public override Support Support => Support.NonNegative;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Rate.reciprocal());

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Rate.reciprocal().square());

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Expectations.Entropy(this);

    /// <inheritdoc/>
    protected override Tensor ElementMode => zeros_like(Rate);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Rate.log().sub(value.mul(Rate));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        // Above 0 also where U rounds to 1, so that a prior with a pole at 0 gives a number.
        Draws.AboveZero(shape, DType, Device, generator).log_().neg_().div(Rate).KeptPositive();

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.clamp_min(0).mul(Rate).neg().expm1().neg();
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return probability.neg().log1p().neg().div(Rate);
    }
}
