using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Geometric(p): P(k) = (1 − p)ᵏ p, the failures before the first success. Support: the whole numbers from 0. Drawn by inversion,
/// ⌊log U / log(1 − p)⌋ (Devroye 1986, Non-Uniform Random Variate Generation, X.2).
/// Formula: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 5.
/// </summary>
public sealed class Geometric : Distribution
{
    private static readonly Support PositiveProbability = new Interval(0, 1, lowerIncluded: false);

    private readonly bool _fromLogits;

    private Geometric(string name, TensorLike value, Support range, bool fromLogits)
        : base([(name, value, range, 0)])
    {
        _fromLogits = fromLogits;
    }

    /// <summary>Probability p of a success.</summary>
    public Tensor Probs => _fromLogits ? Arguments[0].Value.sigmoid() : Arguments[0].Value;

    /// <summary>Log odds l = log p/(1 − p); infinite where p is 1.</summary>
    public Tensor Logits => _fromLogits ? Arguments[0].Value : Probs.log().sub(LogFailure);

    /// <inheritdoc/>
    public override Support Support => Support.NonNegativeIntegers;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(q => q.Odds));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(q => _fromLogits ? q.Odds.mul(q.Odds.add(1)) : q.Odds.div(q.Probs)));

    /// <summary>log p.</summary>
    internal Tensor LogSuccess => _fromLogits ? Logits.log_sigmoid() : Probs.log();

    /// <summary>log(1 − p).</summary>
    internal Tensor LogFailure => _fromLogits ? Logits.neg().log_sigmoid() : LogProbability.LogOfComplement(Probs);

    /// <summary>−E k log(1 − p), k drawn from another of the family: 1 for a tiny p of both, which no p underflows.</summary>
    internal Tensor MeanOfFailures(Geometric drawn)
    {
        var log = LogHazard.sub(drawn.Logits);
        return log.masked_fill(drawn.Logits.isposinf(), double.NegativeInfinity).exp();
    }

    /// <summary>(1 − p)/p, the mean.</summary>
    private Tensor Odds => _fromLogits ? Logits.neg().exp() : (1 - Probs).div(Probs);

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(q => q.MeanOfFailures(q).sub(q.LogSuccess));

    /// <inheritdoc/>
    protected override Tensor ElementMode => zeros_like(Arguments[0].Value);

    /// <summary>Failures before the first success by its probability.</summary>
    /// <param name="probs">Probability p of a success. Range: 0 &lt; p ≤ 1.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Geometric FromProbs(TensorLike probs) => new("probs", probs, PositiveProbability, fromLogits: false);

    /// <summary>Failures before the first success by its log odds.</summary>
    /// <param name="logits">Log odds l = log p/(1 − p). Range: real.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Geometric FromLogits(TensorLike logits) => new("logits", logits, Support.Real, fromLogits: true);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return (_fromLogits ? value.mul(LogFailure) : Counts.TimesLog(value, LogFailure)).add(LogSuccess);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        // In float64, whose uniform numbers reach far into the tail, and by logarithms, which no p underflows.
        var log = Draws.AboveZero(shape, ScalarType.Float64, Device, generator).log_().neg_().log_();
        return log.sub(((Geometric)InDoublePrecision()).LogHazard).exp().floor().clamp(0, finfo(DType).max).to(DType);
    }

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return AtOrBelow(value.floor()).masked_fill(value.lt(0), 0);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        var certain = LogFailure.isneginf();
        var guess = LogProbability.LogOfComplement(probability).div(LogFailure.masked_fill(certain, -1)).ceil().sub(1).clamp_min(0).masked_fill(certain, 0);
        // The quotient may round across a whole number: the smallest k with F(k) ≥ u is the guess or a neighbour.
        var lower = guess.sub(1).clamp_min(0);
        var least = where(AtOrBelow(lower).ge(probability), lower, guess);
        return where(AtOrBelow(least).lt(probability), least.add(1), least);
    }

    // log(−log(1 − p)); by logits l below −40 it is l.
    private Tensor LogHazard
    {
        get
        {
            if (!_fromLogits)
            {
                return LogFailure.neg().log();
            }

            var tiny = Logits.lt(-40);
            return where(tiny, Logits, Logits.masked_fill(tiny, 0).neg().log_sigmoid().neg().log());
        }
    }

    // 1 − (1 − p)ᵏ⁺¹
    private Tensor AtOrBelow(Tensor count) => count.add(1).mul(LogFailure).expm1().neg();
}
