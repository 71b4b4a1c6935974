using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// TruncatedNormal(μ, σ, a, b): a Normal(μ, σ) given that it lies in [a, b]: p(x) = φ(z) / (σ (Φ(β) − Φ(α))), z = (x − μ)/σ,
/// α = (a − μ)/σ, β = (b − μ)/σ, also where [a, b] lies far in a tail. Support: a ≤ x ≤ b. Mean, variance and entropy are integrated by
/// quadrature, which the closed forms' cancellation in the tails does not touch. Drawn by inversion, solved on the scale of the tail's
/// logarithm; gradients by implicit reparameterization (Figurnov, Mohamed and Mnih 2018).
/// </summary>
public sealed class TruncatedNormal : Distribution, IReparameterized
{
    // Beyond it a standard normal has no mass in float64.
    private const double Far = 40;

    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);
    private static readonly Support Bound = new ExtendedReal();

    /// <summary>A truncated normal distribution of each element.</summary>
    /// <param name="loc">Mean μ of the whole normal. Range: real.</param>
    /// <param name="scale">Standard deviation σ of the whole normal. Range: σ &gt; 0.</param>
    /// <param name="low">Lower bound a. Range: real or −∞.</param>
    /// <param name="high">Upper bound b. Range: real or ∞, b &gt; a.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public TruncatedNormal(TensorLike loc, TensorLike scale, TensorLike low, TensorLike high)
        : base([("loc", loc, Support.Real, 0), ("scale", scale, Support.Positive, 0), ("low", low, Bound, 0), ("high", high, Bound, 0)])
    {
    }

    /// <summary>Mean μ of the whole normal.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Standard deviation σ of the whole normal.</summary>
    public Tensor Scale => Arguments[1].Value;

    /// <summary>Lower bound a.</summary>
    public Tensor Low => Arguments[2].Value;

    /// <summary>Upper bound b.</summary>
    public Tensor High => Arguments[3].Value;

    /// <inheritdoc/>
    public override Support Support => new Interval(Low, High);

    /// <inheritdoc/>
    public override Tensor Mean => Spread(this.Precisely(q => q.Moments().Mean.mul(q.Scale).add(q.Edge)));

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(q => q.Moments().Variance.mul(q.Scale.square())));

    /// <summary>log σ √2π (Φ(β) − Φ(α)), less −e²/2: the negative log density at the mode.</summary>
    internal Tensor LogNormalizer => LogMass(Low, High).add(Scale.log()).add(LogRootTwoPi);

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(q => q.LogNormalizer.add(q.Moments().HalfSquare));

    /// <summary>The point of [a, b] nearest μ.</summary>
    protected override Tensor ElementMode => Edge;

    // Where the density is greatest: it is reckoned from there.
    private Tensor Edge => Loc.maximum(Low).minimum(High);

    /// <summary>E (x − μ)² of another distribution's loc and scale, and of this one's: −log p's part that is not constant, from the mode.</summary>
    internal Tensor ExpectedHalfSquare(TruncatedNormal q)
    {
        var (mean, variance) = (q.Mean, q.Variance);
        var distance = mean.sub(Edge).div(Scale);
        return variance.div(Scale.square()).add(distance.mul(distance.add(Edge.sub(Loc).div(Scale).mul(2)))).mul(0.5);
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        // In float64: far in a tail the slopes of exponent and mass cancel.
        return new(this.Precisely(value, (q, x) =>
        {
            var t = x.sub(q.Edge).div(q.Scale);
            var exponent = t.mul(t.add(q.Edge.sub(q.Loc).div(q.Scale).mul(2))).mul(0.5);
            return exponent.add(q.LogMass(q.Low, q.High)).add(q.Scale.log());
        }), -1, -LogRootTwoPi);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        ElementInverseCdf(Draws.Uniform(shape, ScalarType.Float64, Device, generator).KeptInsideUnitInterval());

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var x = value.maximum(Low).minimum(High);
        var (mine, theirs) = (Edge, Loc.maximum(Low).minimum(x));
        var exponent = mine.sub(theirs).div(Scale).mul(mine.sub(Loc).add(theirs.sub(Loc)).div(Scale)).mul(0.5);
        return LogMass(Low, x).sub(LogMass(Low, High)).add(exponent).exp();
    }

    /// <summary>The value with P(X ≤ x) = probability, with gradients to the arguments and none to the probability.</summary>
    /// <param name="probability">The probability.</param>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        Tensor value;
        using (no_grad())
        {
            value = Solve(probability.to(ScalarType.Float64));
        }

        return is_grad_enabled() && Arguments.Any(argument => argument.Value.requires_grad) ? WithGradients(value) : value.to(DType).maximum(Low).minimum(High);
    }

    /// <inheritdoc/>
    protected override string? JointProblem() => OrderedBounds.Problem(Family, Low, High);

    private TruncatedNormal InDoubles() => new(Loc.detach().to(ScalarType.Float64), Scale.detach().to(ScalarType.Float64), Low.detach().to(ScalarType.Float64), High.detach().to(ScalarType.Float64));

    // The bounds less μ over σ, and their distance; infinite ones far away, without gradients, which would be NaN.
    private (Tensor Lower, Tensor Upper, Tensor Width) Standardized(Tensor low, Tensor high)
    {
        var (noLow, noHigh) = (low.isinf(), high.isinf());
        var (lows, highs) = (low.masked_fill(noLow, 0), high.masked_fill(noHigh, 0));
        return (
            lows.sub(Loc).div(Scale).masked_fill(noLow, -Far),
            highs.sub(Loc).div(Scale).masked_fill(noHigh, Far),
            highs.sub(lows).div(Scale).masked_fill(noLow.logical_or(noHigh), Far).clamp_max(Far));
    }

    // The logarithm of the mass of [low, high] ⊂ [a, b] under the whole normal, less −e²/2 at its own point nearest μ.
    private Tensor LogMass(Tensor low, Tensor high)
    {
        var (lower, upper, width) = Standardized(low, high);
        return NormalMass.Log(lower, upper, width);
    }

    // Of t = (x − mode)/σ, whose density is proportional to exp(−t (t + 2e)/2) and below e⁻⁴⁰ of its greatest beyond the reach.
    private (Tensor Mean, Tensor Variance, Tensor HalfSquare) Moments()
    {
        var edge = Edge;
        var e = edge.sub(Loc).div(Scale);
        var reach = 80 / e.square().add(80).sqrt().add(e.abs());
        var from = Low.masked_fill(Low.isinf(), 0).sub(edge).div(Scale).masked_fill(Low.isinf(), -Far).maximum(reach.neg());
        var to = High.masked_fill(High.isinf(), 0).sub(edge).div(Scale).masked_fill(High.isinf(), Far).minimum(reach);
        var (nodes, weights) = (tensor(GaussLegendre.Nodes.ToArray(), DType, Device), tensor(GaussLegendre.Weights.ToArray(), DType, Device));
        var t = from.unsqueeze(-1).add(to.sub(from).unsqueeze(-1).mul(nodes));
        var half = t.mul(t.add(e.unsqueeze(-1).mul(2))).mul(0.5);
        var density = half.neg().exp().mul(weights);
        var mass = density.sum(dim: -1);
        var mean = density.mul(t).sum(dim: -1).div(mass);
        var variance = density.mul(t.sub(mean.unsqueeze(-1)).square()).sum(dim: -1).div(mass);
        return (mean, variance, density.mul(half).sum(dim: -1).div(mass));
    }

    // The value at a probability, in float64: the share of the mass on either side of the mode, then the depth into that side.
    private Tensor Solve(Tensor probability)
    {
        var whole = InDoubles();
        var (lower, upper, width) = whole.Standardized(whole.Low, whole.High);
        var (straddles, nearest) = (NormalMass.Straddles(lower, upper), NormalMass.Nearest(lower, upper));
        var (left, right) = (lower.neg().div(Math.Sqrt(2)).erf(), upper.div(Math.Sqrt(2)).erf());
        var leftShare = where(straddles, left.div(left.add(right)), upper.le(0).to(ScalarType.Float64));
        var isLeft = probability.lt(leftShare);
        var depth = where(isLeft, leftShare.sub(probability).div(leftShare), probability.sub(leftShare).div(1 - leftShare));
        var rest = where(isLeft, probability.div(leftShare), (1 - probability).div(1 - leftShare));
        var side = where(straddles, where(isLeft, lower.neg(), upper), width);
        var distance = Inverted(nearest, side, depth, rest).mul(whole.Scale);
        var value = whole.Edge.add(where(isLeft, distance.neg(), distance)).maximum(whole.Low).minimum(whole.High);
        // Neither of these is solved for where the bound is infinite.
        return where(probability.gt(0), where(probability.lt(1), value, whole.High), whole.Low);
    }

    // The t in [0, w] that leaves the share 1 − depth of the mass of [u, u + w] beyond u + t.
    private static Tensor Inverted(Tensor u, Tensor w, Tensor depth, Tensor rest)
    {
        var tail = NormalMass.LogTail(u);
        var all = Hazard(w);
        var target = where(depth.lt(0.5), depth.mul(all.neg().expm1()).log1p().neg(), rest.add(depth.mul(all.neg().exp())).log().neg());
        // The cumulative hazard is convex and greater than its quadratic part, so that Newton's steps descend to the root.
        var t = target.mul(2).div(u.add(u.square().add(target.mul(2)).sqrt()).clamp_min(1e-300));
        for (var step = 0; step < 8; step++)
        {
            var rate = u.add(t).div(Math.Sqrt(2)).Erfcx().reciprocal().mul(Math.Sqrt(2 / Math.PI));
            t = t.sub(Hazard(t).sub(target).div(rate)).clamp_min(0);
        }

        // Over a narrow interval the density is exponential to within the rounding of the form above.
        var slope = u.add(w.mul(0.5));
        var thin = depth.mul(slope.mul(w).neg().expm1()).log1p().neg().div(slope);
        return where(w.mul(u.add(1)).lt(1e-5), thin, t);

        Tensor Hazard(Tensor at) => at.mul(at.add(u.mul(2))).mul(0.5).sub(NormalMass.LogTail(u.add(at))).add(tail);
    }

    // dx/da = p(a) (1 − F(x)) / p(x) and dx/db = p(b) F(x) / p(x), p the density of the whole normal; μ and σ move x as they do a
    // point fixed in the whole normal, less what they do by moving the bounds.
    private Tensor WithGradients(Tensor value)
    {
        Tensor byLow, byHigh, byLoc, byScale, draw;
        var (noLow, noHigh) = (Low.isinf(), High.isinf());
        var (low, high) = (Low.masked_fill(noLow, 0), High.masked_fill(noHigh, 0));
        using (no_grad())
        {
            var whole = InDoubles();
            (byLow, byHigh) = (whole.Pull(value, whole.Low, value, whole.High, noLow), whole.Pull(value, whole.High, whole.Low, value, noHigh));
            var (z, alpha, beta) = (value.sub(whole.Loc), low.sub(whole.Loc), high.sub(whole.Loc));
            byScale = z.sub(alpha.mul(byLow)).sub(beta.mul(byHigh)).div(whole.Scale).to(DType);
            (byLow, byHigh, byLoc, draw) = (byLow.to(DType), byHigh.to(DType), (1 - byLow - byHigh).to(DType), value.to(DType).maximum(Low).minimum(High));
        }

        // Zero in value.
        return draw.add(low.sub(low.detach()).mul(byLow)).add(high.sub(high.detach()).mul(byHigh))
            .add(Loc.sub(Loc.detach()).mul(byLoc)).add(Scale.sub(Scale.detach()).mul(byScale));
    }

    // p(bound)/p(x) times the share of the mass in [from, to].
    private Tensor Pull(Tensor value, Tensor bound, Tensor from, Tensor to, Tensor infinite)
    {
        var (x, end, mode, nearest) = (Square(value), Square(bound.masked_fill(infinite, 0)), Square(Edge), Square(Loc.maximum(from).minimum(to)));
        var share = LogMass(from, to).sub(LogMass(Low, High)).add(mode.sub(nearest));
        return share.add(x.sub(end)).exp().masked_fill(infinite, 0);

        Tensor Square(Tensor at) => at.sub(Loc).div(Scale).square().mul(0.5);
    }
}
