using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// ZeroInflated(g, P): 0 with probability g, otherwise a draw from a count family P. P(0) = g + (1 − g) P(0), P(k) = (1 − g) P(k) for
/// k &gt; 0. Support: that of P, which must hold 0 (Lambert 1992, Zero-Inflated Poisson Regression).
/// </summary>
public sealed class ZeroInflated : Distribution
{
    private readonly bool _fromLogits;

    private ZeroInflated(Distribution counts, string name, TensorLike value, Support range, bool fromLogits)
        : base(OfNumbers(counts), (name, value, range))
    {
        (Inner, _fromLogits) = (counts, fromLogits);
    }

    /// <summary>The distribution of the counts.</summary>
    public Distribution Inner { get; }

    /// <summary>Probability g of a 0 that is none of the counts'.</summary>
    public Tensor Gate => _fromLogits ? Arguments[0].Value.sigmoid() : Arguments[0].Value;

    /// <inheritdoc/>
    public override string Family => $"ZeroInflated {Inner.Family}";

    /// <inheritdoc/>
    public override Support Support => Inner.Support;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Open.mul(Inner.Mean));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Open.mul(Inner.Variance.add(Gate.mul(Inner.Mean.square()))));

    private Tensor Open => _fromLogits ? Logs.Open.exp() : 1 - Gate;

    private (Tensor Gate, Tensor Open) Logs => _fromLogits
        ? (Arguments[0].Value.log_sigmoid(), Arguments[0].Value.neg().log_sigmoid())
        : (LogProbability.LogOf(Gate), LogProbability.LogOfComplement(Gate));

    /// <summary>Counts with more zeros, by the probability of such a zero.</summary>
    /// <param name="gate">Probability g. Range: 0 ≤ g ≤ 1.</param>
    /// <param name="counts">Any family over whole numbers.</param>
    /// <exception cref="ArgumentException">The counts are no count family, the shapes do not broadcast, or a number lies outside its range.</exception>
    public static ZeroInflated FromProbs(TensorLike gate, Distribution counts) => new(counts, nameof(gate), gate, Support.UnitInterval, fromLogits: false);

    /// <summary>Counts with more zeros, by the log odds of such a zero.</summary>
    /// <param name="gateLogits">Log odds log g/(1 − g). Range: real.</param>
    /// <param name="counts">Any family over whole numbers.</param>
    /// <exception cref="ArgumentException">The counts are no count family, the shapes do not broadcast, or a number lies outside its range.</exception>
    public static ZeroInflated FromLogits(TensorLike gateLogits, Distribution counts) => new(counts, nameof(gateLogits), gateLogits, Support.Real, fromLogits: true);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (gate, open) = Logs;
        var inner = Over(Inner).Score(value);
        var count = open.add(inner);
        var zero = value.eq(0);
        // log(0 + 0) apart, whose gradient is none.
        var never = count.isneginf().logical_and(gate.isneginf());
        var either = logaddexp(count.masked_fill(never, 0), gate.expand(count.shape).masked_fill(never, 0));
        if (!_fromLogits && is_grad_enabled())
        {
            // g + (1 − g) P(0) itself: a gate of exactly 0 or 1 has a slope, and its logarithm none.
            var level = either.detach();
            var atZero = LogProbability.RelativeTo(level, inner.masked_fill(zero.logical_not(), 0));
            var sum = Gate.mul(LogProbability.RelativeTo(level, zeros_like(level))).add(Open.mul(atZero));
            either = sum.masked_fill(zero.logical_not().logical_or(never), 1).log().add(level);
        }

        if (_fromLogits)
        {
            // log(1 − (1 − g) (1 − P(0))), which next to 0 is not the sum of the two.
            var missing = open.exp().mul(inner.masked_fill(zero.logical_not(), 0).expm1());
            var near = missing.gt(-0.5);
            either = where(near, missing.masked_fill(near.logical_not(), 0).log1p(), either);
        }

        either = either.masked_fill(never, double.NegativeInfinity);
        return where(zero, either, count);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var counts = Inner.DrawExactly(shape, generator);
        return counts.masked_fill(Draws.Uniform(shape, DType, Device, generator).lt(Gate), 0);
    }

    /// <inheritdoc/>
    protected override string? JointProblem() => Inner.ArgumentProblems().Count == 0 ? null : Inner.ArgumentProblems()[0];

    /// <summary>g + (1 − g) F(k) for k ≥ 0, where F has a closed form.</summary>
    protected override Tensor? ElementCdf(Tensor value) =>
        Inner.CdfOrNull(value) is { } cdf ? Gate.add(Open.mul(cdf)).masked_fill(value.lt(0), 0) : null;

    private static Distribution OfNumbers(Distribution counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return counts.EventShape.Rank == 0 && (counts.Support is IntegersFrom { Lower: <= 0 } or IntegerRange { Lower: <= 0 } or CountsUpTo)
            ? counts
            : throw new ArgumentException($"ZeroInflated: the counts must be a family over whole numbers from 0, without event axes; received {counts}. Declare event axes afterwards: ZeroInflated.FromProbs(gate, counts).ToEvent().", nameof(counts));
    }
}
