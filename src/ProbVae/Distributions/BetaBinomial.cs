using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// BetaBinomial(n, α, β): P(k) = n! / (k! (n − k)!) B(k + α, n − k + β) / B(α, β), a Binomial(n, p) with p ~ Beta(α, β). Support: the
/// whole numbers from 0 to n. Drawn as that (Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, 6.2.2). Its entropy is
/// the sum over 0 … n. The density is worked out in float64: it is a small difference of large logarithms.
/// </summary>
public sealed class BetaBinomial : Distribution
{
    /// <summary>A beta-binomial distribution of each element.</summary>
    /// <param name="totalCount">Number of trials n. Range: a whole number ≥ 0.</param>
    /// <param name="concentration1">Weight α of a success. Range: α &gt; 0.</param>
    /// <param name="concentration0">Weight β of a failure. Range: β &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public BetaBinomial(TensorLike totalCount, TensorLike concentration1, TensorLike concentration0)
        : base([
            ("totalCount", Counts.Whole("BetaBinomial", totalCount, concentration1, concentration0), Support.NonNegativeIntegers, 0),
            ("concentration1", concentration1, Support.Positive, 0),
            ("concentration0", concentration0, Support.Positive, 0)])
    {
    }

    /// <summary>Number of trials n.</summary>
    public Tensor TotalCount => Arguments[0].Value;

    /// <summary>Weight α of a success.</summary>
    public Tensor Concentration1 => Arguments[1].Value;

    /// <summary>Weight β of a failure.</summary>
    public Tensor Concentration0 => Arguments[2].Value;

    /// <inheritdoc/>
    public override Support Support => CountsUpTo.Of(TotalCount);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(q => q.Concentration0.div(q.Concentration1).add(1).reciprocal().mul(q.TotalCount)));

    /// <summary>The variance n p (1 − p) (α + β + n) / (α + β + 1), p = α / (α + β).</summary>
    public override Tensor Variance => Spread(this.Precisely(q =>
    {
        var total = q.Concentration1.add(q.Concentration0);
        var (one, zero) = (q.Concentration1.div(total), q.Concentration0.div(total));
        return q.TotalCount.mul(one).mul(zero).mul(total.add(q.TotalCount).div(total.add(1)));
    }));

    /// <summary>The sum of −P log P, within 1e-6: over every count where n is at most some hundreds, otherwise by <see cref="CountSum"/>.</summary>
    protected override Tensor ElementEntropy
    {
        get
        {
            var sums = CountSum.Over([.. Arguments.Select(argument => argument.Value.to(ScalarType.Float64))], numbers =>
            {
                var (total, one, zero) = (numbers[0], numbers[1], numbers[2]);
                var (mean, sum) = (total * one / (one + zero), one + zero);
                var reach = Math.Min(one, zero) > 100 ? 12 * Math.Sqrt(mean * (zero / sum) * (sum + total) / (sum + 1)) + 40 : total;
                return new(Math.Max(0, mean - reach), Math.Min(total, mean + reach), count =>
                    Math.Abs(one - 1) / ((count + one) * (count + 1)) + Math.Abs(zero - 1) / ((total - count + zero) * (total - count + 1)), total);
            });
            return sums.Entropy(LogMass).to(DType);
        }
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return LogMass(value).to(DType);
    }

    private Tensor LogMass(Tensor value)
    {
        var (total, count) = (TotalCount.to(ScalarType.Float64), value.to(ScalarType.Float64));
        var (one, zero) = (Concentration1.to(ScalarType.Float64), Concentration0.to(ScalarType.Float64));
        if (Stirling.IsEverydayCompound(total, one, zero))
        {
            var posterior = LogBeta(count.add(one), total.sub(count).add(zero));
            return Counts.LogChoose(total, count).add(posterior).sub(LogBeta(one, zero));
        }

        var counts = stack([.. broadcast_tensors(count, total.sub(count))], -1);
        return Stirling.LogCompoundMass(counts, stack([.. broadcast_tensors(one, zero)], -1));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var one = StandardGamma.LogDraw(Concentration1.to(ScalarType.Float64), shape, generator);
        var probs = one.sub(StandardGamma.LogDraw(Concentration0.to(ScalarType.Float64), shape, generator)).sigmoid();
        return Counts.BinomialDraw(TotalCount, probs, shape, generator).to(DType);
    }

    private static Tensor LogBeta(Tensor one, Tensor zero) => one.lgamma().add(zero.lgamma()).sub(one.add(zero).lgamma());
}
