using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Bernoulli(p): P(x) = pˣ (1 − p)¹⁻ˣ. Support: 0 and 1. With logits l = log p/(1 − p), log P(x) = x l − log(1 + eˡ), which no
/// logit overflows. Drawn by inversion (Devroye 1986, Non-Uniform Random Variate Generation, III.2).
/// Formula: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 3.
/// </summary>
public sealed class Bernoulli : Distribution
{
    private readonly bool _fromLogits;
    private readonly bool _soft;

    private Bernoulli(string name, TensorLike value, Support range, bool fromLogits, bool soft)
        : base([(name, value, range, 0)])
    {
        (_fromLogits, _soft) = (fromLogits, soft);
    }

    /// <summary>Probability p of a 1.</summary>
    public Tensor Probs => _fromLogits ? Arguments[0].Value.sigmoid() : Arguments[0].Value;

    /// <summary>Log odds l = log p/(1 − p); infinite where p is 0 or 1.</summary>
    public Tensor Logits => _fromLogits ? Arguments[0].Value : LogProbability.LogOf(Probs).sub(LogProbability.LogOfComplement(Probs));

    /// <summary>Whether values between 0 and 1 are taken as expected bits.</summary>
    public bool IsSoft => _soft;

    /// <inheritdoc/>
    public override Support Support => _soft ? Support.UnitInterval : Support.Boolean;

    /// <inheritdoc/>
    /// <remarks>By log p, whose slope does not round to 0 where p rounds to 1.</remarks>
    public override Tensor Mean => Spread(_fromLogits ? Logits.log_sigmoid().exp() : Probs);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(_fromLogits ? Logits.sigmoid().mul(Logits.neg().sigmoid()) : Probs.mul(1 - Probs));

    /// <summary>log p and log(1 − p).</summary>
    internal (Tensor One, Tensor Zero) LogMasses => _fromLogits
        ? (Logits.log_sigmoid(), Logits.neg().log_sigmoid())
        : (LogProbability.LogOf(Probs), LogProbability.LogOfComplement(Probs));

    /// <summary>p and 1 − p, with the slopes that <see cref="Mean"/> has.</summary>
    internal (Tensor One, Tensor Zero) Masses => _fromLogits ? (LogMasses.One.exp(), LogMasses.Zero.exp()) : (Probs, 1 - Probs);

    /// <summary>A bit of each element by its probability.</summary>
    /// <param name="probs">Probability p of a 1. Range: 0 ≤ p ≤ 1.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Bernoulli FromProbs(TensorLike probs) => new("probs", probs, Support.UnitInterval, fromLogits: false, soft: false);

    /// <summary>A bit of each element by its log odds: what a network gives.</summary>
    /// <param name="logits">Log odds l = log p/(1 − p). Range: real.</param>
    /// <param name="soft">
    /// Whether values between 0 and 1 are taken as expected bits: x l − log(1 + eˡ) is then the mean log probability of a bit
    /// that is 1 with probability x, the cross-entropy by which grey images are often fitted, and no density of x.
    /// </param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Bernoulli FromLogits(TensorLike logits, bool soft = false) => new("logits", logits, Support.Real, fromLogits: true, soft);

    /// <summary>−Σ P log P; none for expected bits, of which this is no density.</summary>
    protected override Tensor? ElementEntropy => _soft ? null
        : LogProbability.Information(Masses.One, LogMasses.One).add(LogProbability.Information(Masses.Zero, LogMasses.Zero));

    /// <summary>The likelier bit; 0 where both are as likely.</summary>
    protected override Tensor ElementMode => Arguments[0].Value.gt(_fromLogits ? 0 : 0.5).to(DType);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (_soft)
        {
            return value.mul(Logits).sub_(Logits.softplus());
        }

        if (_fromLogits)
        {
            // The same for bits in fewer passes, forward and backward: x l − log(1 + eˡ) = log σ(±l).
            return value.mul(2).sub_(1).mul(Logits).log_sigmoid();
        }

        var (one, zero) = LogMasses;
        return where(value.eq(1), one, zero);
    }

    /// <inheritdoc/>
    /// <remarks>The slope of x l − log(1 + eˡ) in l is x − σ(l).</remarks>
    private protected override ScaledTensor? KnownDensity(Tensor value)
    {
        if (!_fromLogits || value.requires_grad)
        {
            return null;
        }

        using var noGrad = no_grad();
        return LogDensity(value).WithGradient((Logits, factor => Logits.sigmoid().sub(value).mul_(-factor)));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        Draws.Uniform(shape, DType, Device, generator).lt(Probs).to(DType);

    /// <inheritdoc/>
    protected internal override string? OutsideSupport(Tensor value) => base.OutsideSupport(value) is not { } problem ? null
        : _soft ? problem
        : $"{problem} Binarize the value, or take numbers between 0 and 1 as expected bits: Bernoulli.FromLogits(logits, soft: true).";
}
