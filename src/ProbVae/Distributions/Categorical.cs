using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Categorical(p): P(k) = pₖ. Support: the whole numbers from 0 to K − 1. Drawn by inversion of the cumulative sum
/// (Devroye 1986, Non-Uniform Random Variate Generation, III.2), which never gives a category of probability 0.
/// </summary>
public sealed class Categorical : Distribution
{
    private readonly bool _fromLogits;

    private Categorical(string name, TensorLike value, Support range, bool fromLogits)
        : base([(name, value, range, 1)])
    {
        _fromLogits = fromLogits;
    }

    /// <summary>Probabilities p of the categories, along the last axis.</summary>
    public Tensor Probs => _fromLogits ? Arguments[0].Value.softmax(-1) : Arguments[0].Value;

    /// <summary>Logarithms of the probabilities, along the last axis.</summary>
    public Tensor LogProbs => _fromLogits ? Arguments[0].Value.log_softmax(-1) : LogProbability.LogOf(Probs);

    /// <summary>Whether the argument is the probabilities themselves, which may be exactly 0.</summary>
    internal bool HasProbs => !_fromLogits;

    /// <summary>The number of categories K.</summary>
    public long Categories => Arguments[0].Value.shape[^1];

    /// <inheritdoc/>
    public override Support Support => new IntegerRange(0, Categories - 1);

    /// <summary>The mean Σ k pₖ of the category's number.</summary>
    public override Tensor Mean => Spread(Probs.mul(Numbers()).sum(-1));

    /// <summary>The variance of the category's number.</summary>
    public override Tensor Variance
    {
        get
        {
            var mean = Probs.mul(Numbers()).sum(-1, keepdim: true);
            return Spread(Probs.mul(Numbers().sub(mean).square()).sum(-1));
        }
    }

    /// <summary>A category of each element by the probabilities.</summary>
    /// <param name="probs">Probabilities p along the last axis. Range: pₖ ≥ 0, Σ pₖ = 1.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Categorical FromProbs(TensorLike probs) => new("probs", probs, Support.Simplex, fromLogits: false);

    /// <summary>A category of each element by unnormalized log probabilities: p = softmax(l).</summary>
    /// <param name="logits">Log weights l along the last axis. Range: real, or −∞ for a probability of 0.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Categorical FromLogits(TensorLike logits) => new("logits", logits, Support.LogWeights, fromLogits: true);

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => LogProbability.Information(Probs, LogProbs).sum(-1);

    /// <summary>The likeliest category; the first of those that are.</summary>
    protected override Tensor ElementMode => Arguments[0].Value.argmax(-1);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var log = LogProbs;
        var shape = new Shape(value.shape).BroadcastWith(new Shape(log.shape)[..^1])!.Value;
        var category = value.to(ScalarType.Int64).expand(shape.ToArray()).unsqueeze(-1);
        return log.expand((shape + [Categories]).ToArray()).gather(-1, category).squeeze(-1);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var cumulative = Probs.cumsum(-1);
        // Divided by its last element, so that rounding leaves no uniform number past the last category.
        var steps = cumulative.div(cumulative[TensorIndex.Ellipsis, TensorIndex.Slice(-1)]);
        return Draws.Uniform(shape, DType, Device, generator).unsqueeze(-1).ge(steps).sum(-1);
    }

    internal override ScalarType DrawType => ScalarType.Int64;

    private Tensor Numbers() => arange(Categories, dtype: DType, device: Device);
}
