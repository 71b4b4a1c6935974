using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// NegativeBinomial(r, p): P(k) = Γ(k + r) / (k! Γ(r)) pᵏ (1 − p)ʳ, the successes before the r-th failure, with p the probability of a
/// success (as torch and Pyro have it). Support: the whole numbers from 0. Drawn as Poisson(λ) with λ ~ Gamma(r, (1 − p)/p)
/// (Devroye 1986, Non-Uniform Random Variate Generation, X.4). The density is worked out in float64: it is a small difference of large logarithms.
/// Formula: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 5.
/// </summary>
public sealed class NegativeBinomial : Distribution
{
    private static readonly Support BelowOne = new Interval(0, 1, upperIncluded: false);

    private const double MostCounts = 9e15;
    private const double ExpandedFrom = 1e4;

    private static readonly double LogTwo = Math.Log(2);

    private readonly Parametrization _parametrization;

    private NegativeBinomial(Parametrization parametrization, TensorLike totalCount, string name, TensorLike value, Support range)
        : base([("totalCount", Counts.In(totalCount, value), Support.Positive, 0), (name, value, range, 0)])
    {
        _parametrization = parametrization;
    }

    private enum Parametrization
    {
        Probs,
        Logits,
        Mean,
    }

    /// <summary>Number of failures r, which need not be whole.</summary>
    public Tensor TotalCount => Arguments[0].Value;

    /// <summary>Probability p of a success.</summary>
    public Tensor Probs => _parametrization switch
    {
        Parametrization.Logits => Second.sigmoid(),
        Parametrization.Mean => Second.div(Second.add(TotalCount)),
        _ => Second,
    };

    /// <summary>Log odds l = log p/(1 − p); infinite where p is 0.</summary>
    public Tensor Logits => _parametrization == Parametrization.Logits ? Second : Odds.log();

    /// <inheritdoc/>
    public override Support Support => Support.NonNegativeIntegers;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(_parametrization == Parametrization.Mean ? Second : TotalCount.mul(Odds));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(q => q.TotalCount.mul(q.Odds).mul(q.Odds.add(1))));

    /// <summary>The mode ⌊(r − 1) p/(1 − p)⌋ for r &gt; 1, otherwise 0; the greater where there are two.</summary>
    protected override Tensor ElementMode => TotalCount.sub(1).clamp_min(0).mul(Odds).floor();

    private Tensor Second => Arguments[1].Value;

    // p/(1 − p)
    private Tensor Odds => _parametrization switch
    {
        Parametrization.Logits => Second.exp(),
        Parametrization.Mean => Second.div(TotalCount),
        _ => Second.div(1 - Second),
    };

    /// <summary>Successes before the r-th failure by the probability of a success.</summary>
    /// <param name="totalCount">Number of failures r. Range: r &gt; 0.</param>
    /// <param name="probs">Probability p of a success. Range: 0 ≤ p &lt; 1.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static NegativeBinomial FromProbs(TensorLike totalCount, TensorLike probs) =>
        new(Parametrization.Probs, totalCount, nameof(probs), probs, BelowOne);

    /// <summary>Successes before the r-th failure by the log odds of a success.</summary>
    /// <param name="totalCount">Number of failures r. Range: r &gt; 0.</param>
    /// <param name="logits">Log odds l = log p/(1 − p). Range: real.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static NegativeBinomial FromLogits(TensorLike totalCount, TensorLike logits) =>
        new(Parametrization.Logits, totalCount, nameof(logits), logits, Support.Real);

    /// <summary>An overdispersed count by its mean: p = μ / (μ + r), of variance μ + μ²/r.</summary>
    /// <param name="totalCount">Inverse dispersion r. Range: r &gt; 0.</param>
    /// <param name="mean">Mean μ. Range: μ &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static NegativeBinomial FromMean(TensorLike totalCount, TensorLike mean) =>
        new(Parametrization.Mean, totalCount, nameof(mean), mean, Support.Positive);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (failures, count) = (TotalCount.to(ScalarType.Float64), value.to(ScalarType.Float64));
        var (success, failure) = LogMasses(failures, Second.to(ScalarType.Float64));
        return LogMass(count, failures, success, failure).to(DType);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var gamma = _standard_gamma(TotalCount.to(ScalarType.Float64).expand(shape.ToArray()).contiguous(), generator);
        return Counts.PoissonDraw(gamma.mul(Odds.to(ScalarType.Float64)), DType, generator);
    }

    // No success by the power alone; otherwise by how far the counts are from their means.
    private Tensor MassOfGreatCounts(Tensor count, Tensor failures, Tensor success, Tensor failure)
    {
        var second = Second.to(ScalarType.Float64);
        var difference = _parametrization switch
        {
            Parametrization.Mean => second.sub(count).mul(failures.div(second.add(failures))),
            Parametrization.Logits => second.sigmoid().mul(failures).sub(second.neg().sigmoid().mul(count)),
            _ => second.mul(failures).sub((1 - second).mul(count)),
        };
        var none = count.eq(0);
        var some = Stirling.LogNegativeBinomialMass(count.masked_fill(none, 1), failures, difference.masked_fill(none, 0), success, failure);
        return where(none, failures.mul(failure), some);
    }

    /// <summary>I₁₋ₚ(r, ⌊k⌋ + 1), the regularized incomplete beta function.</summary>
    /// <param name="value">The count k.</param>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (count, failures) = (value.to(ScalarType.Float64).floor(), TotalCount.to(ScalarType.Float64));
        var (success, failure) = LogMasses(failures, Second.to(ScalarType.Float64));
        var inside = count.clamp(0, MostCounts);
        return IncompleteBeta.Of(failures, inside.add(1), failure.exp(), success.exp(), DType).masked_fill(count.lt(0), 0).masked_fill(count.isposinf(), 1);
    }

    /// <summary>
    /// The sum of −P log P, within 1e-6: over every count up to some hundreds, beyond them by <see cref="CountSum"/>; from r p = 10⁴ on by
    /// Edgeworth's expansion ½ log 2πeσ² − (1 + p)²/12rp with σ² = r p/(1 − p)², the second term κ₃²/12σ⁶ (McCullagh 1987, Tensor Methods in Statistics, ch. 5).
    /// </summary>
    protected override Tensor ElementEntropy
    {
        get
        {
            var failures = TotalCount.to(ScalarType.Float64);
            var (success, failure) = LogMasses(failures, Second.to(ScalarType.Float64));
            var large = failures.log().add(success).gt(Math.Log(ExpandedFrom));
            var small = large.logical_not();
            var (r, p, q) = (failures.masked_fill(small, 1), success.masked_fill(small, -LogTwo), failure.masked_fill(small, -LogTwo));
            var log = r.log().add(p);
            var expansion = log.sub(q.mul(2)).add(Math.Log(2 * Math.PI * Math.E)).mul(0.5).sub(p.exp().add(1).square().mul(log.neg().exp()).div(12));
            return where(large, expansion, SumOf(failures.masked_fill(large, 1), success.masked_fill(large, -LogTwo), failure.masked_fill(large, -LogTwo))).to(DType);
        }
    }

    private Tensor SumOf(Tensor failures, Tensor success, Tensor failure)
    {
        var sums = CountSum.Over([failures, success, failure], numbers =>
        {
            var (r, logSuccess, logFailure) = (numbers[0], numbers[1], numbers[2]);
            var odds = Math.Exp(logSuccess - logFailure);
            var (mean, reach) = (r * odds, 10 * Math.Sqrt(r * odds * (odds + 1)));
            // The tail falls by pᵏ; forty-five times its length leave e⁻⁴⁵.
            return new(mean - reach, mean + reach + 45 / Math.Max(-logSuccess, 1e-300) + 40, count => Math.Abs(r - 1) / ((count + r) * (count + 1)));
        });
        return sums.Entropy(count => LogMass(count, failures, success, failure));
    }

    private Tensor LogMass(Tensor count, Tensor failures, Tensor success, Tensor failure)
    {
        if (Stirling.HasGreat(failures, count))
        {
            return MassOfGreatCounts(count, failures, success, failure);
        }

        var choices = count.add(failures).lgamma().sub(failures.lgamma()).sub(count.add(1).lgamma());
        return choices.add(Counts.TimesLog(count, success)).add(failures.mul(failure));
    }

    // log p and log(1 − p)
    private (Tensor Success, Tensor Failure) LogMasses(Tensor failures, Tensor second) => _parametrization switch
    {
        Parametrization.Logits => (second.log_sigmoid(), second.neg().log_sigmoid()),
        Parametrization.Mean => (failures.div(second).log1p().neg(), second.div(failures).log1p().neg()),
        _ => (LogProbability.LogOf(second), LogProbability.LogOfComplement(second)),
    };
}
