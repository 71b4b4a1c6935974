using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Pareto(s, α): p(x) = α s^α / x^(α+1). Support: x ≥ s. The mean is infinite for α ≤ 1 and the variance for α ≤ 2.
/// Reparameterized by inversion as s U^(−1/α) (Devroye 1986, Non-Uniform Random Variate Generation, II.2).
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 20.
/// </summary>
public sealed class Pareto : Distribution, IReparameterized
{
    /// <summary>A Pareto distribution of each element.</summary>
    /// <param name="scale">Lower bound and mode s. Range: s &gt; 0.</param>
    /// <param name="alpha">Tail exponent α. Range: α &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Pareto(TensorLike scale, TensorLike alpha)
        : base([("scale", scale, Support.Positive, 0), ("alpha", alpha, Support.Positive, 0)])
    {
    }

    /// <summary>Lower bound and mode s.</summary>
    public Tensor Scale => Arguments[0].Value;

    /// <summary>Tail exponent α.</summary>
    public Tensor Alpha => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => new Interval(Scale, full_like(Scale, double.PositiveInfinity));

    /// <summary>sα/(α − 1); infinite for α ≤ 1.</summary>
    public override Tensor Mean
    {
        get
        {
            // α/(α − 1) as 1 + 1/(α − 1), whose slope does not cancel.
            var alpha = Alpha.clamp_min(1);
            return Spread(Scale.mul(alpha.sub(1).reciprocal()).add(Scale));
        }
    }

    /// <summary>s²α/((α − 1)² (α − 2)); infinite for α ≤ 2.</summary>
    public override Tensor Variance => Spread(this.Precisely(pareto =>
    {
        var alpha = pareto.Alpha.clamp_min(2);
        return pareto.Scale.div(alpha.sub(1)).square().mul(alpha.div(alpha.sub(2)));
    }));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Expectations.Entropy(this);

    /// <inheritdoc/>
    protected override Tensor ElementMode => Scale;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Alpha.log().sub(value.log()).sub(LogRatio.Of(value, Scale).mul(Alpha));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var hazard = Draws.AboveZero(shape, DType, Device, generator).log_().neg_();
        // A small α has draws beyond the numbers of its type, which the scale may bring back; otherwise the exponential is at least 1, so
        // that no rounding takes a draw below s.
        return Extremes.Least(Alpha) < Stirling.Small
            ? this.Precisely(hazard, (q, excess) => excess.div(q.Alpha).add(q.Scale.log()).ExpKeptPositive(DType)).maximum(Scale.detach())
            : hazard.div(Alpha).ExpKeptPositive().mul(Scale).KeptPositive();
    }

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return LogRatio.Of(value.maximum(Scale.mul(0.75)), Scale).clamp_min(0).mul(Alpha).neg().expm1().neg();
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return probability.neg().log1p().neg().div(Alpha).exp().mul(Scale);
    }
}
