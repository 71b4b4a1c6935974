using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Draws from Gamma(α, 1) by rejection (Marsaglia and Tsang 2000, A Simple Method for Generating Gamma Variables), with the gradient of
/// implicit reparameterization dx/dα = −(∂F/∂α)/p at the draw (Figurnov, Mohamed and Mnih 2018), which torch's own formulas
/// only come near: they are up to 1e-3 off. Second derivatives are not those of the draw.
/// </summary>
internal static class StandardGamma
{
    // Below, the power series of F ends after some twenty terms; from here on the rule of sixteen nodes has seven digits.
    private const double SeriesBelow = 1.5;
    private const int MostTerms = 60;

    private const double ExpandedFrom = 1e4;
    private const double Near = 0.1;

    // What is left out of the integral is e⁻²⁸ of what it begins with.
    private const double Depth = 28;

    /// <summary>Draws x.</summary>
    public static Tensor Draw(Tensor concentration, Shape shape, Generator generator)
    {
        var draws = Values(concentration, shape, generator);
        return WithGradient(draws, concentration, (x, a, digamma) => x * LogSlope(x, Math.Log(x), a, digamma));
    }

    /// <summary>
    /// Draws log x as log G + log(U)/α with G ~ Gamma(α + 1, 1) and U uniform (Marsaglia and Tsang 2000, section 6), which does not
    /// underflow where a small α makes the draw itself 0.
    /// </summary>
    public static Tensor LogDraw(Tensor concentration, Shape shape, Generator generator)
    {
        Tensor draws;
        using (no_grad())
        {
            var log = Values(concentration.add(1), shape, generator).log();
            draws = Draws.AboveZero(shape, concentration.dtype, concentration.device, generator).log_().div(concentration).add(log);
        }

        return WithGradient(draws, concentration, (log, a, digamma) => LogSlope(Math.Exp(log), log, a, digamma));
    }

    /// <summary>
    /// d log x/dα at a draw. With f the density of s = log x, ∂ log f/∂α = s − ψ(α), whose mean is 0: the slope is 1/f times the
    /// integral of f (t − ψ(α)) over t beyond s, or its negative over t before s, of which one has no sign but one.
    /// </summary>
    /// <param name="x">The draw; 0 where it is below the numbers of float64.</param>
    /// <param name="log">s.</param>
    /// <param name="a">α.</param>
    /// <param name="digamma">ψ(α + 1).</param>
    internal static double LogSlope(double x, double log, double a, double digamma)
    {
        var distance = (x - a) / a;
        return a > ExpandedFrom && Math.Abs(distance) < Near ? ByExpansion(distance, a)
            : x < SeriesBelow ? BySeries(log, x, a, digamma) : ByQuadrature(x, a, log - (digamma - 1 / a));
    }

    private static Tensor Values(Tensor concentration, Shape shape, Generator generator)
    {
        using var noGrad = no_grad();
        return _standard_gamma(concentration.expand(shape.ToArray()), generator);
    }

    private static Tensor WithGradient(Tensor draws, Tensor concentration, Func<double, double, double, double> slope)
    {
        if (!is_grad_enabled() || !concentration.requires_grad)
        {
            return draws;
        }

        Tensor slopes;
        using (var scope = NewDisposeScope())
        using (no_grad())
        {
            var shapes = concentration.detach().to(ScalarType.Float64);
            double[] x = Numbers(draws), a = Numbers(shapes), digamma = Numbers(shapes.add(1).digamma());
            var limit = finfo(draws.dtype).max;
            var found = new double[x.Length];
            for (var i = 0; i < found.Length; i++)
            {
                found[i] = Math.Clamp(slope(x[i], a[i], digamma[i]), -limit, limit);
            }

            slopes = tensor(found, ScalarType.Float64).reshape(draws.shape).to(draws.dtype, draws.device).MoveToOuterDisposeScope();
        }

        // Zero in value.
        return draws.add(concentration.sub(concentration.detach()).mul(slopes));

        double[] Numbers(Tensor numbers) => numbers.to(ScalarType.Float64).cpu().expand(draws.shape).contiguous().data<double>().ToArray();
    }

    // F = xᵅ e⁻ˣ/Γ(α + 1) · S with S = Σ xⁿ/((α + 1) … (α + n)), and dF/dα term by term (DLMF 8.11.4).
    private static double BySeries(double log, double x, double a, double digamma)
    {
        var (term, harmonic, sum, slope) = (1.0, 0.0, 1.0, 0.0);
        for (var n = 1; n < MostTerms && term > 1e-17 * sum; n++)
        {
            term *= x / (a + n);
            harmonic += 1 / (a + n);
            sum += term;
            slope += term * harmonic;
        }

        return (sum * (digamma - log) + slope) / a;
    }

    // With μ = x/α − 1, r²/2 = x − α − α log(x/α) and u = √α μ, F is the normal distribution function of r + log(u/r)/r (Barndorff-Nielsen
    // and Cox 1994, Inference and Asymptotics, 6.6), so that α times the slope is Σ (−μ)ᵏ/(k + 1) + Σ (−μ)ᵏ/((k + 2)(k + 3))/α + O(1/α²).
    // What it differs from 1 by, which is all that is left of it in a draw's ratio to its mean, keeps its digits too.
    private static double ByExpansion(double distance, double a)
    {
        var (first, second) = (0.0, 0.0);
        for (var k = 15; k >= 0; k--)
        {
            first = 1.0 / (k + 1) - distance * first;
            second = 1.0 / ((k + 2) * (k + 3)) - distance * second;
        }

        return (first + second / a) / a;
    }

    // By Gauss and Legendre's rule from s to where the integrand has fallen to nothing: t = s + δ, log f(t)/f(s) = α δ − x (e^δ − 1).
    private static double ByQuadrature(double x, double a, double aboveMean)
    {
        var sign = aboveMean > 0 ? 1 : -1;
        var slope = sign > 0 ? Math.Max(x - a, 0) : Math.Abs(a - x);
        var length = 2 * Depth / (slope + Math.Sqrt(slope * slope + 2 * Depth * x));
        // The fall is convex, so Newton's steps come from beyond the root.
        for (var step = 0; step < 3; step++)
        {
            var growth = Growth(sign * length);
            length -= (x * growth - a * sign * length - Depth) / (sign * (x * growth + x - a));
        }

        var sum = 0.0;
        for (var i = 0; i < GaussLegendre.FewNodes.Length; i++)
        {
            var shift = sign * length * GaussLegendre.FewNodes[i];
            sum += GaussLegendre.FewWeights[i] * Math.Exp(a * shift - x * Growth(shift)) * (aboveMean + shift);
        }

        return sum * length * sign;
    }

    // e^δ − 1, exact for small δ.
    private static double Growth(double shift) => Math.Abs(shift) > 0.05
        ? Math.Exp(shift) - 1
        : shift * (1 + shift * (1.0 / 2 + shift * (1.0 / 6 + shift * (1.0 / 24 + shift * (1.0 / 120 + shift * (1.0 / 720 + shift / 5040))))));
}
