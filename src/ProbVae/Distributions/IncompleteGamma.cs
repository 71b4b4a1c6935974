using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The regularized incomplete gamma functions P(a, x) and Q = 1 − P in float64, with derivatives in a and x. By the series below the mean
/// and Legendre's continued fraction above (DLMF 8.11.4, 8.9.2; Press et al. 2007, Numerical Recipes, 6.2), both of which take some √a
/// terms; for large a by Gauss and Legendre's rule over the mass beyond x.
/// </summary>
internal static class IncompleteGamma
{
    private const double QuadratureFrom = 3000;
    private const int MostTerms = 100_000;
    private const double Epsilon = 1e-16;

    /// <summary>P(a, x), or Q(a, x) where <paramref name="upper"/>.</summary>
    public static Expansion At(double a, double x, bool upper)
    {
        if (double.IsNaN(a) || double.IsNaN(x))
        {
            return new(double.NaN);
        }

        if (x <= 0)
        {
            var slope = a == 1 ? 1 : a < 1 ? double.MaxValue : 0;
            return upper ? new(1, X: -slope) : new(0, X: slope);
        }

        if (double.IsPositiveInfinity(x))
        {
            return new(upper ? 0 : 1);
        }

        var log = LogDensity(a, x);
        var density = log.Exp();
        var isLower = a > QuadratureFrom ? x < a : x < a + 1;
        var tail = a > QuadratureFrom ? ByQuadrature(a, x, isLower) : density * (isLower ? Series(a, x) : Fraction(a, x));
        var found = isLower == upper ? 1 - tail : tail;
        // x p(x) is the density of log x.
        var (sign, p) = (upper ? -1.0 : 1.0, density.V / x);
        return new(found.V, found.A, 0, sign * p, found.AA, AX: sign * density.A / x, XX: sign * p * ((a - 1) / x - 1));
    }

    /// <summary>The x with P(a, x) = p, or Q(a, x) = p where <paramref name="upper"/>.</summary>
    public static Expansion Quantile(double a, double p, bool upper)
    {
        if (!(p > 0 && p < 1))
        {
            return new(double.IsNaN(p) ? p : p == 0 == upper ? double.PositiveInfinity : 0);
        }

        // The smaller of the two tails, whose logarithm tells all its digits.
        var far = p > 0.5 ? !upper : upper;
        var target = Math.Log(Math.Min(p, 1 - p));
        // By log x: from the mean, or where the first term of the series has the mass.
        var start = a > 1 ? Math.Log(a) : Math.Min(0, (Math.Log(upper ? 1 - p : p) + Math.Log(a)) / a);
        var root = Root.Of(
            log =>
            {
                var x = Math.Exp(log);
                var at = At(a, x, far);
                return (far ? target - Math.Log(at.Value) : Math.Log(at.Value) - target, Math.Abs(at.X) * x / at.Value);
            },
            start);
        var point = Math.Exp(root);
        return At(a, point, upper).Inverse(point);
    }

    /// <summary>P(a, x) or Q(a, x) of each element.</summary>
    public static Tensor Of(Tensor a, Tensor x, ScalarType dtype, bool upper = false) =>
        ByElement.Of(a.to(ScalarType.Float64), null, x.to(ScalarType.Float64), null, dtype, (shape, _, point, _) => At(shape, point, upper));

    /// <summary>The inverse of <see cref="Of"/> in x, in float64.</summary>
    public static Tensor QuantileOf(Tensor a, Tensor p, bool upper = false) =>
        ByElement.Of(a.to(ScalarType.Float64), null, p.to(ScalarType.Float64), null, ScalarType.Float64, (shape, _, mass, _) => Quantile(shape, mass, upper));

    /// <summary>log of xᵃ e⁻ˣ / Γ(a), the density of log x.</summary>
    private static Jet LogDensity(double a, double x)
    {
        var (error, slope, curvature) = StirlingError.At(a);
        var value = a * Deviance(a, x) + 0.5 * Math.Log(a / (2 * Math.PI)) - error;
        return new(value, Math.Log(x / a) + 0.5 / a - slope, 0, -1 / a - 0.5 / (a * a) - curvature);
    }

    // log(x/a) − (x − a)/a
    private static double Deviance(double a, double x)
    {
        var u = (x - a) / a;
        return u < -0.9 ? Math.Log(x / a) - u : StirlingError.LogOnePlusMinus(u);
    }

    // Σ xⁿ / (a (a + 1) … (a + n))
    private static Jet Series(double a, double x)
    {
        Jet shape = new(a, 1);
        var term = 1 / shape;
        var sum = term;
        for (var n = 1; n < MostTerms && !(Math.Abs(term.V) <= Epsilon * Math.Abs(sum.V) && Math.Abs(term.AA) <= Epsilon * Math.Abs(sum.AA)); n++)
        {
            term = x * term / (shape + n);
            sum += term;
        }

        return sum;
    }

    // Lentz's rule for 1/(x + 1 − a − 1 (1 − a)/(x + 3 − a − …)).
    private static Jet Fraction(double a, double x)
    {
        Jet shape = new(a, 1);
        var b = x + 1 - shape;
        var (c, d) = ((Jet)1e300, 1 / b);
        var product = d;
        for (var n = 1; n < MostTerms; n++)
        {
            var numerator = n * (shape - n);
            b += 2;
            d = 1 / (numerator * d + b);
            c = b + numerator / c;
            var factor = c * d;
            product *= factor;
            if (Math.Abs(factor.V - 1) <= 4 * Epsilon && factor.IsConstantWithin(1e-13))
            {
                break;
            }
        }

        return product;
    }

    // The density of log x, integrated from x away from the mean until it has fallen by e⁻⁵⁰.
    private static Jet ByQuadrature(double a, double x, bool lower)
    {
        var slope = Math.Abs(a - x);
        var length = 100 / (slope + Math.Sqrt(slope * slope + 100 * x));
        Jet sum = 0;
        for (var i = 0; i < GaussLegendre.Nodes.Length; i++)
        {
            var shift = length * GaussLegendre.Nodes[i];
            sum += length * GaussLegendre.Weights[i] * LogDensity(a, x * Math.Exp(lower ? -shift : shift)).Exp();
        }

        return sum;
    }
}
