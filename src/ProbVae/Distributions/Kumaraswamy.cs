using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Kumaraswamy(a, b): p(x) = a b x^(a−1) (1 − x^a)^(b−1) (Kumaraswamy 1980, A Generalized Probability Density Function for
/// Double-Bounded Random Processes). Support: 0 &lt; x &lt; 1. Reparameterized by inversion as (1 − U^(1/b))^(1/a).
/// </summary>
public sealed class Kumaraswamy : Distribution, IReparameterized
{
    private const double EulerGamma = 0.57721566490153286061;

    /// <summary>A Kumaraswamy distribution of each element.</summary>
    /// <param name="concentration1">Weight a of 1. Range: a &gt; 0.</param>
    /// <param name="concentration0">Weight b of 0. Range: b &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Kumaraswamy(TensorLike concentration1, TensorLike concentration0)
        : base([("concentration1", concentration1, Support.Positive, 0), ("concentration0", concentration0, Support.Positive, 0)])
    {
    }

    /// <summary>Weight a of 1.</summary>
    public Tensor Concentration1 => Arguments[0].Value;

    /// <summary>Weight b of 0.</summary>
    public Tensor Concentration0 => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.OpenUnitInterval;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(LogMoment(1).exp());

    /// <inheritdoc/>
    public override Tensor Variance
    {
        get
        {
            var first = LogMoment(1).mul(2);
            return Spread(first.exp().mul(LogMoment(2).sub(first).expm1()));
        }
    }

    /// <inheritdoc/>
    protected override Tensor ElementEntropy
    {
        get
        {
            var harmonic = Concentration0.add(1).digamma().add(EulerGamma);
            return (1 - Concentration0.reciprocal()).add((1 - Concentration1.reciprocal()).mul(harmonic)).sub(Concentration1.log()).sub(Concentration0.log());
        }
    }

    /// <summary>((a − 1)/(ab − 1))^(1/a) for a, b ≥ 1; NaN where the density grows without bound or is constant.</summary>
    protected override Tensor ElementMode
    {
        get
        {
            var mode = Concentration1.sub(1).div(Concentration1.mul(Concentration0).sub(1)).pow(Concentration1.reciprocal());
            return mode.masked_fill(Concentration1.lt(1).logical_or(Concentration0.lt(1)), double.NaN);
        }
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var log = value.log();
        var complement = LogProbability.LogOfComplementOfExp(log.mul(Concentration1));
        return log.mul(Concentration1.sub(1)).add(complement.mul(Concentration0.sub(1))).add(Concentration1.log().add(Concentration0.log()));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var log = Draws.AboveZero(shape, DType, Device, generator).KeptInsideUnitInterval().log_();
        return FromLogSurvival(log).KeptInsideUnitInterval();
    }

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return LogProbability.LogOfComplementOfExp(value.clamp(0, 1).log().mul(Concentration1)).mul(Concentration0).expm1().neg();
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return FromLogSurvival(probability.neg().log1p());
    }

    // The value with log(1 − cdf) given.
    private Tensor FromLogSurvival(Tensor log) => LogProbability.LogOfComplementOfExp(log.div(Concentration0)).div(Concentration1).exp();

    // log E xⁿ = log b B(1 + n/a, b)
    private Tensor LogMoment(double order)
    {
        var power = Concentration1.reciprocal().mul(order).add(1);
        return Concentration0.log().add(power.lgamma()).add(Concentration0.lgamma()).sub(power.add(Concentration0).lgamma());
    }
}
