using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The regularized incomplete beta function I_x(a, b) in float64, with derivatives in a, b and x. By its continued fraction (DLMF 8.17.22;
/// Press et al. 2007, Numerical Recipes, 6.4), whose derivatives are those of its terms (Boik and Robison-Cox 1998, Derivatives of the
/// Incomplete Beta Function); where a and b are both large, by Gauss and Legendre's rule over the mass beyond x.
/// </summary>
internal static class IncompleteBeta
{
    private const double QuadratureFrom = 3000;
    private const int MostTerms = 100_000;
    private const double Epsilon = 1e-16;

    /// <summary>I_x(a, b).</summary>
    /// <param name="a">First parameter. Range: a &gt; 0.</param>
    /// <param name="b">Second parameter. Range: b &gt; 0.</param>
    /// <param name="x">The point. Range: 0 to 1.</param>
    /// <param name="y">1 − x, which the caller may know more exactly.</param>
    public static Expansion At(double a, double b, double x, double y)
    {
        if (double.IsNaN(a) || double.IsNaN(b) || double.IsNaN(x) || double.IsNaN(y))
        {
            return new(double.NaN);
        }

        if (x <= 0 || y <= 0)
        {
            var (own, other) = x <= 0 ? (a, b) : (b, a);
            return new(x <= 0 ? 0 : 1, X: own < 1 ? double.MaxValue : own == 1 ? other : 0);
        }

        var density = LogDensity(a, b, x, y).Exp();
        var found = Mass(a, b, x, y, density);
        // x y p(x) is the density of log x/(1 − x).
        var (p, inverse) = (density.V / x / y, 1 / x / y);
        return new(found.V, found.A, found.B, p, found.AA, found.AB, found.BB, density.A * inverse, density.B * inverse, p * ((a - 1) / x - (b - 1) / y));
    }

    /// <summary>The x with I_x(a, b) = p, and log x/(1 − x).</summary>
    /// <param name="a">First parameter.</param>
    /// <param name="b">Second parameter.</param>
    /// <param name="p">The probability.</param>
    /// <param name="q">1 − p, which the caller may know more exactly.</param>
    public static (double X, double Y, double LogOdds) Quantile(double a, double b, double p, double q)
    {
        if (!(p > 0 && q > 0))
        {
            return double.IsNaN(p + q) ? (double.NaN, double.NaN, double.NaN) : p <= 0 ? (0, 1, double.NegativeInfinity) : (1, 0, double.PositiveInfinity);
        }

        var upper = p > q;
        var target = Math.Log(upper ? q : p);
        var logOdds = Root.Of(
            at =>
            {
                var (x, y) = Parts(at);
                var found = upper ? At(b, a, y, x) : At(a, b, x, y);
                var log = Math.Log(found.Value);
                return (upper ? target - log : log - target, found.X * x * y / found.Value);
            },
            Math.Log(a / b));
        var (here, rest) = Parts(logOdds);
        return (here, rest, logOdds);
    }

    /// <summary>x and 1 − x of log x/(1 − x).</summary>
    public static (double X, double Y) Parts(double logOdds) => (1 / (1 + Math.Exp(-logOdds)), 1 / (1 + Math.Exp(logOdds)));

    /// <summary>I_x(a, b) of each element, with gradients in a, b and x.</summary>
    public static Tensor Of(Tensor a, Tensor b, Tensor x, Tensor y, ScalarType dtype) => ByElement.Of(
        a.to(ScalarType.Float64), b.to(ScalarType.Float64), x.to(ScalarType.Float64), y.to(ScalarType.Float64), dtype, At);

    private static Jet Mass(double a, double b, double x, double y, Jet density)
    {
        if (Math.Min(a, b) > QuadratureFrom)
        {
            var lower = b * x < a * y;
            var tail = ByQuadrature(a, b, x, y, lower);
            return lower ? tail : 1 - tail;
        }

        return x < (a + 1) / (a + b + 2)
            ? density * Fraction(a, b, x, y)
            : 1 - (density.Exchanged() * Fraction(b, a, y, x)).Exchanged();
    }

    /// <summary>log of xᵃ (1 − x)ᵇ / B(a, b), the density of log x/(1 − x).</summary>
    private static Jet LogDensity(double a, double b, double x, double y)
    {
        var total = a + b;
        var ((errorA, slopeA, curvatureA), (errorB, slopeB, curvatureB), (error, slope, curvature)) = (StirlingError.At(a), StirlingError.At(b), StirlingError.At(total));
        // How far x is from the mean, in parts of the mean: log x/m = log(1 + u), log(1 − x)/(1 − m) = log(1 + v), a u + b v = 0.
        var excess = b * x - a * y;
        var (u, v) = (excess / a, -excess / b);
        var value = a * Deviance(u, x, total / a) + b * Deviance(v, y, total / b) + 0.5 * (Math.Log(a / (2 * Math.PI)) + Math.Log(b / total)) + error - errorA - errorB;
        var (psi, trigamma) = (slope - 0.5 / total, 1 / total + 0.5 / (total * total) + curvature);
        return new(
            value,
            Math.Log(x) + Math.Log(total / a) + psi + 0.5 / a - slopeA,
            Math.Log(y) + Math.Log(total / b) + psi + 0.5 / b - slopeB,
            trigamma - (1 / a + 0.5 / (a * a) + curvatureA),
            trigamma,
            trigamma - (1 / b + 0.5 / (b * b) + curvatureB));
    }

    private static double Deviance(double u, double x, double perMean) => u < -0.9 ? Math.Log(x) + Math.Log(perMean) - u : StirlingError.LogOnePlusMinus(u);

    // Lentz's rule for the continued fraction, with the 1/a before it. Where a is large 1 + d_{2m+1} is a small difference, so it is put
    // together from y and what is left of x.
    private static Jet Fraction(double shapeA, double shapeB, double x, double y)
    {
        var (a, b) = (new Jet(shapeA, 1), new Jet(shapeB, 0, 1));
        var c = (Jet)1;
        var d = 1 / NotZero(y + x * ((1 - b) / (a + 1)));
        var product = d;
        for (var m = 1.0; m < MostTerms; m++)
        {
            var even = m * x * (b - m) / ((a + (2 * m - 1)) * (a + 2 * m));
            var (behind, ahead) = (even * d, even / c);
            d = 1 / NotZero(1 + behind);
            c = NotZero(1 + ahead);
            product *= c * d;
            var odd = y + x * ((a * (2 * m + 1 - b) + m * (3 * m + 2 - b)) / ((a + 2 * m) * (a + (2 * m + 1))));
            d = 1 / NotZero(d * (odd + behind));
            c = NotZero((odd + ahead) / c);
            var factor = c * d;
            product *= factor;
            if (Math.Abs(factor.V - 1) <= 4 * Epsilon && factor.IsConstantWithin(1e-13))
            {
                break;
            }
        }

        return product / a;
    }

    private static Jet NotZero(Jet jet) => Math.Abs(jet.V) < 1e-300 ? jet with { V = 1e-300 } : jet;

    // The density of log x/(1 − x), integrated from x away from the mean until it has fallen by e⁻⁵⁰.
    private static Jet ByQuadrature(double a, double b, double x, double y, bool lower)
    {
        var slope = Math.Abs(a * y - b * x);
        var length = 100 / (slope + Math.Sqrt(slope * slope + 100 * (a + b) * x * y));
        Jet sum = 0;
        for (var i = 0; i < GaussLegendre.Nodes.Length; i++)
        {
            // x e^s / (1 − x) without forming the odds, whose logarithm would lose digits near the mean.
            var growth = Math.Exp((lower ? -1 : 1) * length * GaussLegendre.Nodes[i]);
            var whole = x * growth + y;
            sum += length * GaussLegendre.Weights[i] * LogDensity(a, b, x * growth / whole, y / whole).Exp();
        }

        return sum;
    }
}
