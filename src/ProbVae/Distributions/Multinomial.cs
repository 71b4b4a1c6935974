using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Multinomial(n, p): P(x) = n! Π pₖ^xₖ / xₖ!, how often each category came in n draws. Support: vectors of whole numbers that sum to n.
/// Drawn as one binomial after another (Devroye 1986, Non-Uniform Random Variate Generation, XI.1.4). Its entropy is a sum over counts.
/// </summary>
public sealed class Multinomial : Distribution
{
    private readonly bool _fromLogits;

    private Multinomial(TensorLike totalCount, string name, TensorLike value, Support range, bool fromLogits)
        : base([("totalCount", Counts.Whole("Multinomial", totalCount, value), Support.NonNegativeIntegers, 0), (name, value, range, 1)], LastAxis.Of(value))
    {
        _fromLogits = fromLogits;
    }

    /// <summary>Number of draws n.</summary>
    public Tensor TotalCount => Arguments[0].Value;

    /// <summary>Probabilities p of the categories, along the last axis.</summary>
    public Tensor Probs => _fromLogits ? Arguments[1].Value.softmax(-1) : Arguments[1].Value;

    /// <summary>Logarithms of the probabilities, along the last axis.</summary>
    public Tensor LogProbs => LogProbsIn(DType);

    /// <summary>The number of categories K.</summary>
    public long Categories => Arguments[1].Value.shape[^1];

    /// <inheritdoc/>
    public override Support Support => new CountVectors(TotalCount);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(TotalCount.unsqueeze(-1).mul(Probs));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(TotalCount.unsqueeze(-1).mul(Probs).mul(Probs.SumOfOthers()));

    /// <summary>n H(p) − log n! + Σ E[log xₖ!], where each xₖ is Binomial(n, pₖ).</summary>
    protected override Tensor ElementEntropy => this.Precisely(q =>
    {
        if (MultinomialEntropy.IsFor(q.TotalCount))
        {
            return MultinomialEntropy.Of(q.TotalCount, q.Probs, q.Probs.SumOfOthers());
        }

        var total = q.TotalCount.unsqueeze(-1);
        var marginal = Binomial.FromProbs(total, q.Probs);
        var factorials = Counts.Expect(total, marginal.BatchShape, marginal.Score, (count, _) => count.add(1).lgamma());
        return q.TotalCount.mul(Counts.TimesLog(q.Probs, q.LogProbs).sum(-1).neg()).sub(q.TotalCount.add(1).lgamma()).add(factorials.sum(-1));
    });

    /// <summary>Counts of categories by their probabilities.</summary>
    /// <param name="totalCount">Number of draws n. Range: a whole number ≥ 0.</param>
    /// <param name="probs">Probabilities p along the last axis. Range: pₖ ≥ 0, Σ pₖ = 1.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static Multinomial FromProbs(TensorLike totalCount, TensorLike probs) =>
        new(totalCount, "probs", probs, Support.Simplex, fromLogits: false);

    /// <summary>Counts of categories by their unnormalized log probabilities: p = softmax(l).</summary>
    /// <param name="totalCount">Number of draws n. Range: a whole number ≥ 0.</param>
    /// <param name="logits">Log weights l along the last axis. Range: real, or −∞ for a probability of 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static Multinomial FromLogits(TensorLike totalCount, TensorLike logits) =>
        new(totalCount, "logits", logits, Support.LogWeights, fromLogits: true);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var type = Counts.WorkingType(TotalCount, DType);
        var count = value.to(type);
        if (type == ScalarType.Float64 && Stirling.HasGreat(TotalCount))
        {
            var argument = Arguments[1].Value.to(type);
            return Stirling.LogMultinomialMass(TotalCount.to(type), count, _fromLogits ? argument.softmax(-1) : argument, LogProbsIn(type)).to(DType);
        }

        return Counts.TimesLog(count, LogProbsIn(type)).sub(count.add(1).lgamma()).sum(-1).add(TotalCount.to(type).add(1).lgamma()).to(DType);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var argument = Arguments[1].Value.to(ScalarType.Float64);
        return Counts.MultinomialDraw(TotalCount, _fromLogits ? argument.softmax(-1) : argument, shape, generator).to(DType);
    }

    private Tensor LogProbsIn(ScalarType type)
    {
        return _fromLogits ? Arguments[1].Value.to(type).log_softmax(-1) : LogProbability.LogOf(Arguments[1].Value, type);
    }
}
