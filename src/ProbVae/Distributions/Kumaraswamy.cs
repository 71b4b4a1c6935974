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
    public override Tensor Mean => Spread(this.Precisely(q => LogMoments.OfPower(q.Concentration1, 1, q.Concentration0).exp()));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(q =>
        LogMoments.OfPower(q.Concentration1, 2, q.Concentration0).exp().mul(LogMoments.Spread(q.Concentration1, q.Concentration0).neg().expm1().neg())));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(q =>
    {
        var (a, b) = (q.Concentration1, q.Concentration0);
        var harmonic = b.add(1).digamma().add(EulerGamma);
        return (1 - b.reciprocal()).add((1 - a.reciprocal()).mul(harmonic)).sub(a.log()).sub(b.log());
    });

    /// <summary>((a − 1)/(ab − 1))^(1/a) for a, b ≥ 1; NaN where the density grows without bound or is constant.</summary>
    protected override Tensor ElementMode
    {
        get
        {
            var mode = Concentration1.sub(1).div(Concentration1.mul(Concentration0).sub(1)).pow(Concentration1.reciprocal());
            return mode.masked_fill(Concentration1.lt(1).logical_or(Concentration0.lt(1)), double.NaN);
        }
    }

    private bool IsEveryday => Stirling.IsEveryday(Concentration1) && Stirling.IsEveryday(Concentration0);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (DType != ScalarType.Float64 && !IsEveryday)
        {
            return this.Precisely(value, (q, x) => q.LogDensity(x).ToTensor());
        }

        var log = value.log();
        var complement = LogProbability.LogOfComplementOfExp(log.mul(Concentration1));
        return log.mul(Concentration1.sub(1)).add(complement.mul(Concentration0.sub(1))).add(Concentration1.log().add(Concentration0.log()));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        return (IsEveryday ? Inverted(this) : this.Precisely(Inverted)).KeptInsideUnitInterval();

        Tensor Inverted(Kumaraswamy q) => q.FromLogSurvival(Draws.AboveZero(shape, q.DType, Device, generator).KeptInsideUnitInterval().log_());
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
}
