using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// OneHotCategorical(p): P(x) = Π pₖ^xₖ, a category as a vector with a single 1. Support: one-hot vectors of K numbers. Drawn as a
/// <see cref="Categorical"/>.
/// </summary>
public sealed class OneHotCategorical : Distribution
{
    private readonly bool _fromLogits;

    private OneHotCategorical(string name, TensorLike value, Support range, bool fromLogits)
        : base([(name, value, range, 1)], LastAxis.Of(value))
    {
        _fromLogits = fromLogits;
    }

    /// <summary>Probabilities p of the categories, along the last axis.</summary>
    public Tensor Probs => _fromLogits ? Arguments[0].Value.softmax(-1) : Arguments[0].Value;

    /// <summary>Logarithms of the probabilities, along the last axis.</summary>
    public Tensor LogProbs => _fromLogits ? Arguments[0].Value.log_softmax(-1) : LogProbability.LogOf(Probs);

    /// <summary>The number of categories K.</summary>
    public long Categories => Arguments[0].Value.shape[^1];

    /// <inheritdoc/>
    public override Support Support => new OneHot(Categories);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Probs);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Probs.mul(Probs.SumOfOthers()));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Counts.TimesLog(Probs, LogProbs).sum(-1).neg();

    /// <summary>The most probable category's vector; the first of several.</summary>
    protected override Tensor ElementMode => Vectors(LogProbs.argmax(-1));

    /// <summary>A category's vector by the probabilities.</summary>
    /// <param name="probs">Probabilities p along the last axis. Range: pₖ ≥ 0, Σ pₖ = 1.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static OneHotCategorical FromProbs(TensorLike probs) => new("probs", probs, Support.Simplex, fromLogits: false);

    /// <summary>A category's vector by unnormalized log probabilities: p = softmax(l).</summary>
    /// <param name="logits">Log weights l along the last axis. Range: real, or −∞ for a probability of 0.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static OneHotCategorical FromLogits(TensorLike logits) => new("logits", logits, Support.LogWeights, fromLogits: true);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Counts.TimesLog(value, LogProbs).sum(-1);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        Vectors((_fromLogits ? Categorical.FromLogits(Arguments[0].Value) : Categorical.FromProbs(Arguments[0].Value)).DrawExactly(shape[..^1], generator));

    private Tensor Vectors(Tensor category) => category.unsqueeze(-1).eq(arange(Categories, device: Device)).to(DType);
}
