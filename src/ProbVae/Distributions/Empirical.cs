using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Empirical(v, w): P(x) = Σ softmax(w)ᵢ over the values vᵢ equal to x: weighted draws as a distribution, as importance sampling gives
/// them. Support: the values. Drawn as a <see cref="Categorical"/> of them.
/// </summary>
public sealed class Empirical : Distribution
{
    /// <summary>A distribution over given values.</summary>
    /// <param name="values">The values v: batch + number + event. Range: real.</param>
    /// <param name="logWeights">Logarithms w of the weights, up to a constant: batch + number. Range: real, or −∞ for a weight of 0.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a number lies outside its range.</exception>
    public Empirical(TensorLike values, TensorLike logWeights)
        : base([("values", values, Support.Real, 1 + EventRank(values, logWeights)), ("logWeights", logWeights, Support.LogWeights, 1)], EventOf(values, logWeights))
    {
    }

    /// <summary>The values: batch + number + event.</summary>
    public Tensor Values => Arguments[0].Value;

    /// <summary>Logarithms of the weights, which sum to 1: batch + number.</summary>
    public Tensor LogWeights => Arguments[1].Value.log_softmax(-1);

    /// <inheritdoc/>
    public override Support Support => new Atoms(Values, Rank);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Average(Values));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Average(Values.sub(Average(Values).unsqueeze(-1 - Rank)).square()));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Counts.TimesLog(LogWeights.exp(), MassesOfValues()).sum(-1).neg();

    /// <summary>The most probable value; the first of several.</summary>
    protected override Tensor ElementMode => Pick(MassesOfValues().argmax(-1));

    private int Rank => RankOf(Values, Arguments[1].Value);

    /// <summary>Equally weighted values.</summary>
    /// <param name="values">The values: number + event. Range: real.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Empirical FromValues(TensorLike values)
    {
        var tensor = values.ToTensor(ScalarType.Float32, CPU);
        var floating = tensor.is_floating_point() ? tensor : tensor.to(ScalarType.Float32);
        return new(floating, zeros([floating.dim() == 0 ? 1 : floating.shape[0]], floating.dtype, floating.device));
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return LogMass(new Atoms(Values, Rank).Matches(value), LogWeights);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        Pick(Categorical.FromLogits(Arguments[1].Value).DrawExactly(shape[..^Rank], generator));

    private static int RankOf(Tensor values, Tensor weights) => (int)Math.Max(0, values.dim() - weights.dim());

    private static int EventRank(TensorLike values, TensorLike logWeights) =>
        RankOf(values.ToTensor(ScalarType.Float32, CPU), logWeights.ToTensor(ScalarType.Float32, CPU));

    private static Shape EventOf(TensorLike values, TensorLike logWeights)
    {
        var (shape, weights) = (new Shape(values.ToTensor(ScalarType.Float32, CPU).shape), new Shape(logWeights.ToTensor(ScalarType.Float32, CPU).shape));
        var rank = EventRank(values, logWeights);
        return weights.Rank == 0 || shape.Rank <= rank || shape[shape.Rank - rank - 1] != weights[weights.Rank - 1]
            ? throw new ArgumentException($"Empirical: values {shape} and logWeights {weights} do not fit; values must be batch + number + event, and logWeights batch + number.", nameof(logWeights))
            : shape[^rank..];
    }

    // log Σ of the weights where the flags are set, along the last axis; −∞ where none is.
    private static Tensor LogMass(Tensor flags, Tensor logWeights)
    {
        var none = flags.any(-1, keepdim: true).logical_not();
        var log = logWeights.expand(flags.shape).masked_fill(flags.logical_not(), double.NegativeInfinity).masked_fill(none, 0);
        return log.logsumexp(-1).masked_fill(none.squeeze(-1), double.NegativeInfinity);
    }

    // log P(vᵢ) of each value.
    private Tensor MassesOfValues()
    {
        var values = Values.unsqueeze(-2 - Rank);
        var equal = Values.unsqueeze(-1 - Rank).eq(values);
        return LogMass(Rank == 0 ? equal : equal.flatten(equal.dim() - Rank).all(-1), LogWeights.unsqueeze(-2));
    }

    private Tensor Average(Tensor values)
    {
        var weights = LogWeights.exp();
        return values.mul(weights.reshape([.. weights.shape, .. Enumerable.Repeat(1L, Rank)])).sum(dim: -1 - Rank);
    }

    // The values of the given numbers: sample + batch + event.
    private Tensor Pick(Tensor number)
    {
        var (batch, one) = (new Shape(number.shape), new Shape(Values.shape)[^(1 + Rank)..]);
        var index = number.reshape((batch + [1] + new Shape([.. Enumerable.Repeat(1L, Rank)])).ToArray());
        return Values.expand((batch + one).ToArray()).gather(-1 - Rank, index.expand((batch + [1] + one[1..]).ToArray())).squeeze(-1 - Rank);
    }
}
