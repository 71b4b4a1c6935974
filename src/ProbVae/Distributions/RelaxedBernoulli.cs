using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// RelaxedBernoulli(T, l): x = σ((l + ε)/T) with ε ~ Logistic(0, 1), a bit that is nearly 0 or 1 for a low temperature T. With
/// d = l − T log x/(1 − x), p(x) = T σ(d) σ(−d) / (x (1 − x)). Support: 0 &lt; x &lt; 1. Reparameterized as it is written (Maddison, Mnih and
/// Teh 2017, The Concrete Distribution; Jang, Gu and Poole 2017, Categorical Reparameterization with Gumbel-Softmax).
/// </summary>
public sealed class RelaxedBernoulli : Distribution, IReparameterized
{
    private readonly bool _fromLogits;

    private RelaxedBernoulli(TensorLike temperature, string name, TensorLike value, Support range, bool fromLogits)
        : base([("temperature", temperature, Support.Positive, 0), (name, value, range, 0)])
    {
        _fromLogits = fromLogits;
    }

    /// <summary>Temperature T.</summary>
    public Tensor Temperature => Arguments[0].Value;

    /// <summary>Probability p = P(x &gt; ½).</summary>
    public Tensor Probs => _fromLogits ? Arguments[1].Value.sigmoid() : Arguments[1].Value;

    /// <summary>Log odds l = log p/(1 − p).</summary>
    public Tensor Logits => _fromLogits ? Arguments[1].Value : Probs.log().sub(Probs.neg().log1p());

    /// <inheritdoc/>
    public override Support Support => Support.OpenUnitInterval;

    /// <summary>None in closed form.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Tensor Mean => throw Lacks("mean");

    /// <summary>None in closed form.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override Tensor Variance => throw Lacks("variance");

    /// <summary>A relaxed bit of each element by its probability.</summary>
    /// <param name="temperature">Temperature T. Range: T &gt; 0.</param>
    /// <param name="probs">Probability p = P(x &gt; ½). Range: 0 &lt; p &lt; 1.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static RelaxedBernoulli FromProbs(TensorLike temperature, TensorLike probs) =>
        new(temperature, "probs", probs, Support.OpenUnitInterval, fromLogits: false);

    /// <summary>A relaxed bit of each element by its log odds.</summary>
    /// <param name="temperature">Temperature T. Range: T &gt; 0.</param>
    /// <param name="logits">Log odds l = log p/(1 − p). Range: real.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static RelaxedBernoulli FromLogits(TensorLike temperature, TensorLike logits) =>
        new(temperature, "logits", logits, Support.Real, fromLogits: true);

    // Beyond, d is a difference that float32 rounds.
    private bool IsEveryday => Extremes.Greatest(Temperature) <= Stirling.Everyday && (!_fromLogits || Extremes.Reach(Logits) <= Stirling.Everyday);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (DType != ScalarType.Float64 && !IsEveryday)
        {
            return this.Precisely(value, (q, x) => q.LogDensity(x).ToTensor());
        }

        var (log, logComplement) = (value.log(), value.neg().log1p());
        var d = Logits.sub(log.sub(logComplement).mul(Temperature));
        return d.log_sigmoid().add(d.neg().log_sigmoid()).add(Temperature.log()).sub(log).sub(logComplement);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var uniform = Draws.Uniform(shape, DType, Device, generator).KeptInsideUnitInterval();
        return uniform.log().sub(uniform.neg().log1p()).add(Logits).div(Temperature).sigmoid().KeptInsideUnitInterval();
    }

    /// <summary>P(X ≤ x) = σ(T log x/(1 − x) − l), 0 below 0 and 1 above 1.</summary>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var inside = value.clamp(0, 1);
        return inside.log().sub(inside.neg().log1p()).mul(Temperature).sub(Logits).sigmoid();
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return probability.log().sub(probability.neg().log1p()).add(Logits).div(Temperature).sigmoid();
    }
}
