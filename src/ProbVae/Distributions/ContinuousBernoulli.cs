using System.Collections.Immutable;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// ContinuousBernoulli(λ): p(x) ∝ λˣ (1 − λ)¹⁻ˣ (Loaiza-Ganem and Cunningham 2019, The Continuous Bernoulli). Support: 0 ≤ x ≤ 1.
/// With logits l = log λ/(1 − λ), log p(x) = l (x − ½) − g(l), g(l) = log sinh(l/2)/(l/2), a power series near l = 0 (λ = ½).
/// Reparameterized by inversion as log(1 − U + U eˡ)/l.
/// </summary>
public sealed class ContinuousBernoulli : Distribution, IReparameterized
{
    // B₂ₙ/(2n)!: the coefficients of l/2 coth(l/2).
    private static readonly ImmutableArray<double> BernoulliNumbers =
        [1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000, 1.0 / 74724249600];

    // Beyond, l (x − ½) and g(l) are large and their difference is not.
    private const double Great = 20;

    private readonly bool _fromLogits;

    private ContinuousBernoulli(string name, TensorLike value, Support range, bool fromLogits)
        : base([(name, value, range, 0)])
    {
        _fromLogits = fromLogits;
    }

    /// <summary>Parameter λ, which is not the mean.</summary>
    public Tensor Probs => _fromLogits ? Arguments[0].Value.sigmoid() : Arguments[0].Value;

    /// <summary>Log odds l = log λ/(1 − λ).</summary>
    public Tensor Logits => _fromLogits ? Arguments[0].Value : Probs.log().sub(Probs.neg().log1p());

    /// <inheritdoc/>
    public override Support Support => Support.UnitInterval;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(q => q.MeanExcess.add(0.5)));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(q => Curvature(q.Logits)));

    /// <summary>g(l) = log sinh(l/2)/(l/2).</summary>
    internal Tensor LogNormalizer => Level(Logits);

    /// <summary>E x − ½ = g'(l).</summary>
    internal Tensor MeanExcess => Slope(Logits);

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(Expectations.Entropy);

    /// <summary>0 for λ &lt; ½ and 1 for λ &gt; ½; ½ at λ = ½, where every value is as probable.</summary>
    protected override Tensor ElementMode => Logits.detach().sign().add(1).mul(0.5);

    /// <summary>A continuous Bernoulli distribution of each element by its parameter.</summary>
    /// <param name="probs">Parameter λ. Range: 0 &lt; λ &lt; 1.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static ContinuousBernoulli FromProbs(TensorLike probs) => new(nameof(probs), probs, Support.OpenUnitInterval, fromLogits: false);

    /// <summary>A continuous Bernoulli distribution of each element by its log odds: what a network gives.</summary>
    /// <param name="logits">Log odds l = log λ/(1 − λ). Range: real.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static ContinuousBernoulli FromLogits(TensorLike logits) => new(nameof(logits), logits, Support.Real, fromLogits: true);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var logits = Logits;
        if (DType != ScalarType.Float64 && !(Extremes.Greatest(logits) <= Great && Extremes.Least(logits) >= -Great))
        {
            return this.Precisely(value, (q, x) => q.LogDensity(x).ToTensor());
        }

        return logits.mul(value.sub(0.5)).sub(Level(logits));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        ElementInverseCdf(Draws.Uniform(shape, DType, Device, generator)).clamp(0, 1);

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        // (e^(lx) − 1)/(eˡ − 1) with the powers of e kept below 1.
        var (x, logits) = (value.clamp(0, 1), Logits);
        var small = logits.abs().lt(0.03);
        var (l, rate) = (logits.masked_fill(small, 1), logits.masked_fill(small, 1).abs());
        var large = l.relu().mul(x.sub(1)).exp().mul(rate.mul(x).neg().expm1()).div(rate.neg().expm1());
        var near = logits.masked_fill(small.logical_not(), 0);
        return where(small, x.mul(MeanPower(near.mul(x))).div(MeanPower(near)), large);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        var logits = Logits;
        var small = logits.abs().lt(0.03);
        var l = logits.masked_fill(small, 1);
        var large = probability.neg().log1p().logaddexp(probability.log().add(l)).div(l);
        return where(small, CumulantSeries(probability, logits.masked_fill(small.logical_not(), 0)), large);
    }

    // log(1 − p + p eˡ)/l by the cumulants of a bit.
    private static Tensor CumulantSeries(Tensor p, Tensor l)
    {
        var (v, skew) = (p.mul(1 - p), 1 - p.mul(2));
        Tensor[] cumulants = [p, v, v.mul(skew), v.mul(1 - v.mul(6)), v.mul(skew).mul(1 - v.mul(12)), v.mul(1 - v.mul(30).mul(1 - v.mul(4)))];
        double[] factorials = [1, 2, 6, 24, 120, 720];
        var sum = zeros_like(l);
        for (var i = cumulants.Length - 1; i >= 0; i--)
        {
            sum = sum.mul(l).add(cumulants[i].div(factorials[i]));
        }

        return sum;
    }

    // (e^y − 1)/y near 0
    private static Tensor MeanPower(Tensor y)
    {
        var sum = full_like(y, 1.0 / 5040);
        foreach (var factorial in (ReadOnlySpan<double>)[720, 120, 24, 6, 2, 1])
        {
            sum = sum.mul(y).add(1 / factorial);
        }

        return sum;
    }

    private static Tensor Level(Tensor logits) => NearAndFar(logits, 2,
        n => 1.0 / (2 * n),
        a => a.mul(0.5).add(a.neg().expm1().neg().log()).sub(a.log()));

    private static Tensor Slope(Tensor logits) => NearAndFar(logits, 1,
        _ => 1,
        a => a.reciprocal().neg().add(a.neg().exp().div(a.neg().expm1().neg())).add(0.5));

    private static Tensor Curvature(Tensor logits) => NearAndFar(logits, 0,
        n => 2 * n - 1,
        a => a.square().reciprocal().sub(a.neg().exp().div(a.neg().expm1().square())));

    // Σ B₂ₙ/(2n)! · weight(n) · l^(2n−2+power) for |l| < ½, and a form in |l| beyond, with the sign of l where the power is odd.
    private static Tensor NearAndFar(Tensor logits, int power, Func<int, double> weight, Func<Tensor, Tensor> far)
    {
        var small = logits.abs().lt(0.5);
        var (near, magnitude) = (logits.masked_fill(small.logical_not(), 0), logits.masked_fill(small, 1).abs());
        var square = near.square();
        var sum = zeros_like(near);
        for (var n = BernoulliNumbers.Length; n >= 1; n--)
        {
            sum = sum.mul(square).add(BernoulliNumbers[n - 1] * weight(n));
        }

        var beyond = far(magnitude);
        return where(small, power == 0 ? sum : power == 1 ? sum.mul(near) : sum.mul(square), power == 1 ? beyond.mul(logits.detach().sign()) : beyond);
    }
}
