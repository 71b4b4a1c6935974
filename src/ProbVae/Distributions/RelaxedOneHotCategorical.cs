using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// RelaxedOneHotCategorical(T, l): x = softmax((l + G)/T) with Gₖ ~ Gumbel(0, 1), a vector that is nearly one-hot for a low temperature
/// T. p(x) = Γ(K) T^(K−1) (Σ pₖ xₖ^−T)^−K Π pₖ xₖ^(−T−1). Support: the simplex. Reparameterized as it is written (Maddison, Mnih and
/// Teh 2017, The Concrete Distribution; Jang, Gu and Poole 2017, Categorical Reparameterization with Gumbel-Softmax).
/// </summary>
public sealed class RelaxedOneHotCategorical : Distribution, IReparameterized
{
    private readonly bool _fromLogits;
    private readonly double _logGamma;

    private RelaxedOneHotCategorical(TensorLike temperature, string name, TensorLike value, Support range, bool fromLogits)
        : base([("temperature", temperature, Support.Positive, 0), (name, value, range, 1)], LastAxis.Of(value))
    {
        _fromLogits = fromLogits;
        for (var k = 2L; k < Categories; k++)
        {
            _logGamma += Math.Log(k);
        }
    }

    /// <summary>Temperature T.</summary>
    public Tensor Temperature => Arguments[0].Value;

    /// <summary>Probabilities p = P(xₖ is the greatest), along the last axis.</summary>
    public Tensor Probs => _fromLogits ? Arguments[1].Value.softmax(-1) : Arguments[1].Value;

    /// <summary>Logarithms of the probabilities, along the last axis.</summary>
    public Tensor LogProbs => _fromLogits ? Arguments[1].Value.log_softmax(-1) : Arguments[1].Value.log();

    /// <summary>The number of categories K.</summary>
    public long Categories => Arguments[1].Value.shape[^1];

    /// <inheritdoc/>
    public override Support Support => Support.Simplex;

    /// <summary>None in closed form.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Tensor Mean => throw Lacks("mean");

    /// <summary>None in closed form.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Tensor Variance => throw Lacks("variance");

    /// <summary>A relaxed category by the probabilities.</summary>
    /// <param name="temperature">Temperature T. Range: T &gt; 0.</param>
    /// <param name="probs">Probabilities p along the last axis. Range: pₖ &gt; 0, Σ pₖ = 1.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static RelaxedOneHotCategorical FromProbs(TensorLike temperature, TensorLike probs) =>
        new(temperature, "probs", probs, Support.Simplex, fromLogits: false);

    /// <summary>A relaxed category by unnormalized log probabilities: p = softmax(l).</summary>
    /// <param name="temperature">Temperature T. Range: T &gt; 0.</param>
    /// <param name="logits">Log weights l along the last axis. Range: real.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static RelaxedOneHotCategorical FromLogits(TensorLike temperature, TensorLike logits) =>
        new(temperature, "logits", logits, Support.Real, fromLogits: true);

    // Beyond, a score is a difference that float32 rounds.
    private bool IsEveryday => Extremes.Greatest(Temperature) <= Stirling.Everyday && (!_fromLogits || Extremes.Reach(Arguments[1].Value) <= Stirling.Everyday);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (DType != ScalarType.Float64 && !IsEveryday)
        {
            return this.Precisely(value, (q, x) => q.LogDensity(x).ToTensor());
        }

        var (weights, log) = (_fromLogits ? Arguments[1].Value : LogProbs, value.log());
        var score = weights.sub(log.mul(Temperature.unsqueeze(-1)));
        var total = score.sub(score.logsumexp(-1, keepdim: true)).sub(log).sum(-1);
        return total.add(Temperature.log().mul(Categories - 1).add(_logGamma));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var gumbel = Draws.AboveZero(shape, DType, Device, generator).log_().neg_().clamp_min_(finfo(DType).tiny).log_().neg_();
        return gumbel.add(LogProbs).div(Temperature.unsqueeze(-1)).softmax(-1).clamp_min(finfo(DType).tiny);
    }

    /// <inheritdoc/>
    protected override string? JointProblem()
    {
        // Read by range: the constructor of numbers runs this before the field says which argument it is.
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (name, value, range, _) = Arguments[1];
        return range.EventRank == 0 || Support.Positive.ContainsAll(value) ? null
            : $"{Family}: {name} must be greater than 0, for the density of a vector to exist; {Argument.FirstOutside(value, Support.Positive)}.";
    }
}
