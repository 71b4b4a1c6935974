using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// LogNormal(μ, σ): log x ~ Normal(μ, σ), so p(x) = exp(−(log x − μ)² / 2σ²) / (x σ √(2π)). Support: x &gt; 0.
/// Reparameterized as exp(μ + σ ε), ε ~ Normal(0, 1).
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 14.
/// </summary>
public sealed class LogNormal : Distribution, IReparameterized
{
    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>A log-normal distribution of each element.</summary>
    /// <param name="loc">Mean μ of log x. Range: real.</param>
    /// <param name="scale">Standard deviation σ of log x. Range: σ &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public LogNormal(TensorLike loc, TensorLike scale)
        : base([("loc", loc, Support.Real, 0), ("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Mean μ of log x.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Standard deviation σ of log x.</summary>
    public Tensor Scale => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Positive;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(q => q.Scale.square().mul(0.5).add(q.Loc).exp()));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(q => q.Scale.square().expm1().mul(q.Loc.mul(2).add(q.Scale.square()).exp())));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Expectations.Entropy(this);

    /// <inheritdoc/>
    protected override Tensor ElementMode => Loc.sub(Scale.square()).exp();

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (DType != ScalarType.Float64 && !IsWide)
        {
            return this.Precisely(value, (q, x) => q.LogDensity(x).ToTensor());
        }

        var log = value.log();
        var z = log.sub(Loc).div(Scale);
        var logs = Scale.log().add(log);
        return new(z.mul(z).add(logs.add(logs)), -0.5, -LogRootTwoPi);
    }

    // What float32 loses of log x counts in units of σ.
    private bool IsWide => Extremes.Reach(Loc) <= 500 * Extremes.Least(Scale);

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var noise = Draws.Normal(shape, DType, Device, generator);
        return DType == ScalarType.Float64 || IsWide ? addcmul(Loc, noise, Scale, 1).ExpKeptPositive()
            : this.Precisely(noise, (q, normal) => addcmul(q.Loc, normal, q.Scale, 1).ExpKeptPositive(DType));
    }

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return NormalMass.Cdf(value.clamp_min(0).log().sub(Loc).div(Scale));
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return special.ndtri(probability).mul(Scale).add(Loc).exp();
    }
}
