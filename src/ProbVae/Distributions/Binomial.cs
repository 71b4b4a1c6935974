using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Binomial(n, p): P(k) = n! / (k! (n − k)!) pᵏ (1 − p)ⁿ⁻ᵏ, the successes of n trials. Support: the whole numbers from 0 to n. Drawn by
/// inversion, or by rejection from np = 10 on (Hörmann 1993, The Generation of Binomial Random Variates). Its entropy is a sum over counts.
/// Formula: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 3.
/// </summary>
public sealed class Binomial : Distribution
{
    private readonly bool _fromLogits;

    private Binomial(TensorLike totalCount, string name, TensorLike value, Support range, bool fromLogits)
        : base([("totalCount", Counts.Whole("Binomial", totalCount, value), Support.NonNegativeIntegers, 0), (name, value, range, 0)])
    {
        _fromLogits = fromLogits;
    }

    /// <summary>Number of trials n.</summary>
    public Tensor TotalCount => Arguments[0].Value;

    /// <summary>Probability p of a success.</summary>
    public Tensor Probs => _fromLogits ? Arguments[1].Value.sigmoid() : Arguments[1].Value;

    /// <summary>Log odds l = log p/(1 − p); infinite where p is 0 or 1.</summary>
    public Tensor Logits => _fromLogits ? Arguments[1].Value : LogProbability.LogOf(Probs).sub(LogProbability.LogOfComplement(Probs));

    /// <inheritdoc/>
    public override Support Support => CountsUpTo.Of(TotalCount);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(TotalCount.mul(_fromLogits ? Logits.log_sigmoid().exp() : Probs));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(q => q.TotalCount.mul(q.Masses.One).mul(q.Masses.Zero)));

    /// <summary>log p and log(1 − p).</summary>
    internal (Tensor One, Tensor Zero) LogMasses => LogMassesIn(DType);

    /// <summary>p and 1 − p.</summary>
    internal (Tensor One, Tensor Zero) Masses => (Probs, _fromLogits ? Logits.neg().sigmoid() : 1 - Probs);

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => MultinomialEntropy.IsFor(TotalCount)
        ? this.Precisely(q => MultinomialEntropy.Of(q.TotalCount, stack([q.Masses.One, q.Masses.Zero], -1), stack([q.Masses.Zero, q.Masses.One], -1)))
        : Counts.Expect(TotalCount, FullShape, LogMass, (_, log) => log.neg());

    /// <summary>The mode ⌊(n + 1) p⌋, at most n; the greater where there are two.</summary>
    protected override Tensor ElementMode => TotalCount.add(1).mul(Probs).floor().minimum(TotalCount);

    /// <summary>Successes of trials by their probability.</summary>
    /// <param name="totalCount">Number of trials n. Range: a whole number ≥ 0.</param>
    /// <param name="probs">Probability p of a success. Range: 0 ≤ p ≤ 1.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static Binomial FromProbs(TensorLike totalCount, TensorLike probs) =>
        new(totalCount, "probs", probs, Support.UnitInterval, fromLogits: false);

    /// <summary>Successes of trials by their log odds.</summary>
    /// <param name="totalCount">Number of trials n. Range: a whole number ≥ 0.</param>
    /// <param name="logits">Log odds l = log p/(1 − p). Range: real.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static Binomial FromLogits(TensorLike totalCount, TensorLike logits) =>
        new(totalCount, "logits", logits, Support.Real, fromLogits: true);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return LogMass(value);
    }

    /// <summary>log P(k) of counts that broadcast with the arguments.</summary>
    internal Tensor LogMass(Tensor value)
    {
        var type = Counts.WorkingType(TotalCount, DType);
        var (total, count) = (TotalCount.to(type), value.to(type));
        var (one, zero) = LogMassesIn(type);
        var rest = total.sub(count);
        if (type == ScalarType.Float64 && Stirling.HasGreat(total))
        {
            return MassOfGreatCounts(total, count, one, zero).to(DType);
        }

        return Counts.LogChoose(total, count).add(Counts.TimesLog(count, one)).add(Counts.TimesLog(rest, zero)).to(DType);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var argument = Arguments[1].Value.to(ScalarType.Float64);
        return Counts.BinomialDraw(TotalCount, _fromLogits ? argument.sigmoid() : argument, shape, generator).to(DType);
    }

    // All or none of the trials by the power alone, which is exact for a p next to 0 or 1.
    private Tensor MassOfGreatCounts(Tensor total, Tensor count, Tensor one, Tensor zero)
    {
        var rest = total.sub(count);
        var atEnd = count.eq(0).logical_or(rest.eq(0));
        var argument = Arguments[1].Value.to(ScalarType.Float64);
        var probs = stack([.. broadcast_tensors(_fromLogits ? argument.sigmoid() : argument, _fromLogits ? argument.neg().sigmoid() : 1 - argument)], -1);
        var counts = stack([.. broadcast_tensors(count, rest)], -1);
        var inside = Stirling.LogMultinomialMass(total, counts, probs, stack([.. broadcast_tensors(one, zero)], -1));
        return where(atEnd, Counts.TimesLog(count, one).add(Counts.TimesLog(rest, zero)), inside);
    }

    /// <summary>I₁₋ₚ(n − ⌊k⌋, ⌊k⌋ + 1), the regularized incomplete beta function.</summary>
    /// <param name="value">The count k.</param>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (count, total, argument) = (value.to(ScalarType.Float64).floor(), TotalCount.to(ScalarType.Float64), Arguments[1].Value.to(ScalarType.Float64));
        var (one, zero) = _fromLogits ? (argument.sigmoid(), argument.neg().sigmoid()) : (argument, 1 - argument);
        var inside = count.minimum(total.sub(1)).clamp_min(0);
        return IncompleteBeta.Of(total.sub(inside).clamp_min(1), inside.add(1), zero, one, DType).masked_fill(count.lt(0), 0).masked_fill(count.ge(total), 1);
    }

    private (Tensor One, Tensor Zero) LogMassesIn(ScalarType type)
    {
        var argument = Arguments[1].Value.to(type);
        return _fromLogits
            ? (argument.log_sigmoid(), argument.neg().log_sigmoid())
            : (LogProbability.LogOf(argument), LogProbability.LogOfComplement(argument));
    }
}
