using System.Collections.Immutable;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Logarithms of gamma functions taken apart so that no difference of large numbers is left: log Γ(x) = (x − ½) log x − x + ½ log 2π + R(x)
/// with R from Stirling's series (Abramowitz and Stegun 1964, 6.1.41), and what the powers of a density leave of x log x gathered in
/// deviances x (t − log(1 + t)) (Loader 2000, Fast and Accurate Computation of Binomial Probabilities). In float64: its callers bring
/// their arguments to it, exact products of float32 numbers among them.
/// </summary>
internal static partial class Stirling
{
    /// <summary>Up to this argument the text-book formulas keep float32's digits.</summary>
    public const double Everyday = 16;

    /// <summary>Below, a density's sum holds differences that float32 rounds away, and its draws leave float32's numbers.</summary>
    public const double Small = 0.05;

    private const double SeriesFrom = 12;

    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    private static readonly ImmutableArray<double> Coefficients = [1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360];

    /// <summary>Whether the text-book formulas hold for all of these shapes: one pass over them, which a sum of logarithms outweighs.</summary>
    public static bool IsEveryday(Tensor shapes) => Extremes.Greatest(shapes) <= Everyday && Extremes.Least(shapes) >= Small;

    /// <summary>R(x) = log Γ(x) − (x − ½) log x + x − ½ log 2π.</summary>
    public static Tensor Remainder(Tensor x)
    {
        var large = x.ge(SeriesFrom);
        var small = x.masked_fill(large, 1);
        var direct = small.lgamma().sub(small.sub(0.5).mul(small.log())).add(small).sub(HalfLogTwoPi);
        return where(large, Series(x.clamp_min(SeriesFrom).reciprocal(), n => Coefficients[n]), direct);
    }

    /// <summary>R'(x) = ψ(x) − log x + 1/2x.</summary>
    public static Tensor RemainderSlope(Tensor x)
    {
        var large = x.ge(SeriesFrom);
        var small = x.masked_fill(large, 1);
        var inverse = x.clamp_min(SeriesFrom).reciprocal();
        var series = Series(inverse, n => -((2 * n) + 1) * Coefficients[n]).mul(inverse);
        return where(large, series, small.digamma().sub(small.log()).add(small.reciprocal().mul(0.5)));
    }

    // R''(x) = ψ′(x) − 1/x − 1/2x².
    private static Tensor RemainderCurvature(Tensor x)
    {
        var large = x.ge(SeriesFrom);
        var small = x.masked_fill(large, 1);
        var inverse = x.clamp_min(SeriesFrom).reciprocal();
        var series = Series(inverse, n => ((2 * n) + 1) * ((2 * n) + 2) * Coefficients[n]).mul(inverse.square());
        return where(large, series, small.polygamma(1).sub(small.reciprocal()).sub(small.square().reciprocal().mul(0.5)));
    }

    /// <summary>t − log(1 + t), exact for small t.</summary>
    public static Tensor Gap(Tensor t)
    {
        var small = t.abs().lt(0.01);
        var near = t.masked_fill(small.logical_not(), 0);
        var sum = full_like(near, 1.0 / 8);
        for (var n = 7; n >= 2; n--)
        {
            sum = (1.0 / n) - sum.mul(near);
        }

        var far = t.masked_fill(small, 1);
        return where(small, sum.mul(near.square()), far.sub(far.log1p()));
    }

    /// <summary>x − a − a log(x/a): how far a mean x is from what a count or shape a stands for. Range: x &gt; 0; a ≥ 0.</summary>
    /// <param name="difference">x − a, without its rounding where that is known.</param>
    /// <param name="x">x.</param>
    /// <param name="a">a; where it is 0 the deviance is x.</param>
    public static Tensor Deviance(Tensor difference, Tensor x, Tensor a) => Deviance(difference, a, elsewhere => x.masked_fill(elsewhere, 1).log());

    /// <summary>The same by log x, which may be the logarithm of what is below the numbers of its type, or of 0.</summary>
    public static Tensor DevianceByLog(Tensor difference, Tensor log, Tensor a) => Deviance(difference, a, elsewhere => log.masked_fill(elsewhere, 0));

    /// <summary>The log density of Gamma(α, 1) at y, times y: −(y − α − α log(y/α)) + ½ log α/2π − R(α).</summary>
    public static Tensor LogGammaDensity(Tensor concentration, Tensor y) => GammaWeight(concentration).sub(Deviance(y.sub(concentration), y, concentration));

    /// <summary>log Γ(x + s)/Γ(x), for s ≥ 0.</summary>
    public static Tensor LogRising(Tensor x, Tensor s)
    {
        var (ratio, sum) = (s.div(x), x.add(s));
        return s.mul(sum.log()).sub(x.mul(Gap(ratio))).sub(ratio.log1p().mul(0.5)).add(Remainder(sum)).sub(Remainder(x));
    }

    /// <summary>ψ(x + s) − ψ(x), for s ≥ 0.</summary>
    public static Tensor DigammaRising(Tensor x, Tensor s)
    {
        var sum = x.add(s);
        return s.div(x).log1p().add(s.div(x).div(sum).mul(0.5)).add(RemainderSlope(sum)).sub(RemainderSlope(x));
    }

    /// <summary>ψ′(x) − ψ′(x + s), for s ≥ 0: 1/x + 1/2x² of ψ′ by their own differences.</summary>
    public static Tensor TrigammaFalling(Tensor x, Tensor s)
    {
        var sum = x.add(s);
        var gap = s.div(x).div(sum);
        return gap.add(gap.mul(x.reciprocal().add(sum.reciprocal())).mul(0.5)).add(RemainderCurvature(x)).sub(RemainderCurvature(sum));
    }

    /// <summary>log Γ(p) − log Γ(q) − (p − q) ψ(q), less its part p log(p/q) − p + q.</summary>
    public static Tensor BregmanRest(Tensor p, Tensor q)
    {
        var difference = p.sub(q);
        // ½ (t − log(1 + t)) with t = (p − q)/q
        return Deviance(difference, p, q).div(q).mul(0.5).add(Remainder(p)).sub(Remainder(q)).sub(difference.mul(RemainderSlope(q)));
    }

    /// <summary>The entropy of Gamma(α, 1).</summary>
    public static Tensor GammaEntropy(Tensor concentration) =>
        concentration.log().add(1).sub(concentration.reciprocal()).mul(0.5).add(HalfLogTwoPi).add(Remainder(concentration))
            .add((1 - concentration).mul(RemainderSlope(concentration)));

    /// <summary>KL between two gamma laws, as shape and rate: p's deviance from where q's mean would have it, and what is left of the gamma functions.</summary>
    public static Tensor GammaDivergence(Tensor shapeQ, Tensor rateQ, Tensor shapeP, Tensor rateP)
    {
        var mean = shapeQ.mul(rateP.div(rateQ));
        // αq βp/βq − αp with both differences taken before the quotient.
        var difference = shapeQ.sub(shapeP).mul(rateP).add(shapeP.mul(rateP.sub(rateQ))).div(rateQ);
        return Deviance(difference, mean, shapeP).add(BregmanRest(shapeP, shapeQ));
    }

    /// <summary>The log density of a Dirichlet at x, along the last axis; x a float64 number whose logarithm is wanted to all its digits.</summary>
    public static Tensor LogDirichletDensity(Tensor concentration, Tensor x)
    {
        var total = concentration.sum(dim: -1, keepdim: true);
        // A coordinate of 0 counts nothing where its weight is 1, and decides otherwise.
        var zero = x.eq(0);
        var atZero = xlogy(concentration.sub(1), x.masked_fill(zero.logical_not(), 1)).sum(dim: -1);
        x = x.masked_fill(zero, finfo(ScalarType.Float64).tiny);
        var difference = x.mul(total).sub(concentration);
        var deviance = Deviance(difference, x.mul(total), concentration);
        // Σ x is 1 but for the rounding of x, which a large total multiplies.
        var closing = x.sum(dim: -1).sub(1).mul(total.squeeze(-1));
        return deviance.add(x.log()).sum(dim: -1).neg().add(closing).sub(LogBetaRest(concentration)).add(atZero);
    }

    /// <summary>The log density of Beta(α, β) at x.</summary>
    public static Tensor LogBetaDensity(Tensor alpha, Tensor beta, Tensor x)
    {
        var (rest, total) = (1 - x, alpha.add(beta));
        var difference = x.mul(beta).sub(rest.mul(alpha));
        var weights = alpha.log().add(beta.log()).sub(total.log()).mul(0.5).sub(HalfLogTwoPi)
            .sub(Remainder(alpha)).sub(Remainder(beta)).add(Remainder(total));
        return weights.sub(Deviance(difference, x.mul(total), alpha)).sub(Deviance(difference.neg(), rest.mul(total), beta))
            .sub(x.log()).sub(x.neg().log1p());
    }

    /// <summary>The entropy of a Dirichlet of weights along the last axis.</summary>
    public static Tensor DirichletEntropy(Tensor concentration)
    {
        var total = concentration.sum(dim: -1);
        var categories = concentration.shape[^1];
        var each = concentration.log().sub(concentration.reciprocal()).mul(0.5).add(Remainder(concentration))
            .sub(concentration.sub(1).mul(RemainderSlope(concentration))).sum(dim: -1);
        return each.sub(total.log().mul(categories - 0.5)).add(total.reciprocal().mul(0.5 * categories)).sub(Remainder(total))
            .add(total.sub(categories).mul(RemainderSlope(total))).add((categories - 1) * (HalfLogTwoPi + 0.5));
    }

    /// <summary>KL between two Dirichlet laws of weights along the last axis: Σp KL of the mean shares, and what is left of the gamma functions.</summary>
    public static Tensor DirichletDivergence(Tensor q, Tensor p)
    {
        var (totalQ, totalP) = (q.sum(dim: -1, keepdim: true), p.sum(dim: -1, keepdim: true));
        var mean = q.div(totalQ).mul(totalP);
        var difference = q.mul(totalP).sub(p.mul(totalQ)).div(totalQ);
        return Deviance(difference, mean, p).add(BregmanRest(p, q)).sum(dim: -1).sub(BregmanRest(totalP, totalQ).squeeze(-1));
    }

    // What Stirling's formula leaves of α^α e^(−α)/Γ(α).
    private static Tensor GammaWeight(Tensor concentration) => concentration.log().mul(0.5).sub(HalfLogTwoPi).sub(Remainder(concentration));

    private static Tensor Deviance(Tensor difference, Tensor a, Func<Tensor, Tensor> logOf)
    {
        var none = a.eq(0);
        var divisor = a.masked_fill(none, 1);
        var ratio = difference.div(divisor);
        // By logarithms there, since the quotient of what is far apart may round 1 + t to 0.
        var far = ratio.lt(-0.5).logical_or(ratio.gt(1e3));
        var elsewhere = far.logical_not().logical_or(none);
        var beyond = difference.sub(a.mul(logOf(elsewhere).sub(divisor.masked_fill(elsewhere, 1).log())));
        return where(far.logical_or(none), beyond, Gap(ratio.masked_fill(far.logical_or(none), 0)).mul(a));
    }

    // log B(α) = Σ (α_k − ½) log α_k − (A − ½) log A + this.
    private static Tensor LogBetaRest(Tensor concentration)
    {
        var total = concentration.sum(dim: -1);
        return Remainder(concentration).sub(concentration.log().mul(0.5)).sum(dim: -1).sub(Remainder(total)).add(total.log().mul(0.5))
            .add((concentration.shape[^1] - 1) * HalfLogTwoPi);
    }

    // c₀ y + c₁ y³ + c₂ y⁵ + …
    private static Tensor Series(Tensor y, Func<int, double> coefficient)
    {
        var square = y.square();
        var sum = full_like(y, coefficient(Coefficients.Length - 1));
        for (var n = Coefficients.Length - 2; n >= 0; n--)
        {
            sum = sum.mul(square).add(coefficient(n));
        }

        return sum.mul(y);
    }
}
