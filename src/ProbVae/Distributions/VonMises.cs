using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// VonMises(μ, κ): p(x) = exp(κ cos(x − μ)) / (2π I₀(κ)). Support: angles from −π to π. The mean is the circular mean μ and the
/// variance the circular variance 1 − I₁(κ)/I₀(κ) (Mardia and Jupp 2000, Directional Statistics, 3.5.4). Drawn by rejection (Best and
/// Fisher 1979, Efficient Simulation of the von Mises Distribution); gradients by implicit reparameterization (Figurnov, Mohamed and
/// Mnih 2018) with the distribution function's derivative in κ by quadrature.
/// </summary>
public sealed class VonMises : Distribution, IReparameterized
{
    private const double Large = 50;

    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    // Coefficients in 1/κ of √(2πκ) e^(−κ) I₀(κ) and of √(2πκ) e^(−κ) (I₀(κ) − I₁(κ)) (Abramowitz and Stegun 1964, 9.7.1).
    private static readonly ImmutableArray<double> OrderZero = [.. Expansion(0)];
    private static readonly ImmutableArray<double> Difference = [.. Expansion(0).Zip(Expansion(4), (zero, one) => zero - one)];

    /// <summary>A von Mises distribution of each element.</summary>
    /// <param name="loc">Circular mean and mode μ, in radians. Range: real.</param>
    /// <param name="concentration">Concentration κ; the distribution is nearly Normal(μ, 1/√κ) where it is large. Range: κ &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public VonMises(TensorLike loc, TensorLike concentration)
        : base([("loc", loc, Support.Real, 0), ("concentration", concentration, Support.Positive, 0)])
    {
    }

    /// <summary>Circular mean and mode μ.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Concentration κ.</summary>
    public Tensor Concentration => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Circular;

    /// <summary>The circular mean μ.</summary>
    public override Tensor Mean => Spread(Loc);

    /// <summary>The circular variance 1 − I₁(κ)/I₀(κ), between 0 and 1.</summary>
    public override Tensor Variance => Spread(this.Precisely(q => q.CircularVariance));

    /// <summary>1 − I₁(κ)/I₀(κ) = 1 − E cos(x − μ).</summary>
    internal Tensor CircularVariance
    {
        get
        {
            var (large, small, inverse) = Ranges();
            var zero = special.i0e(small);
            return where(large, Polynomial(inverse, Difference).div(Polynomial(inverse, OrderZero)), zero.sub(special.i1e(small)).div(zero));
        }
    }

    /// <summary>log e^(−κ) I₀(κ).</summary>
    internal Tensor LogScaledBessel
    {
        get
        {
            var (large, small, inverse) = Ranges();
            var far = Polynomial(inverse, OrderZero).log().add(inverse.log().mul(0.5)).sub(0.5 * LogTwoPi);
            return where(large, far, special.i0e(small).log());
        }
    }

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(q => q.LogScaledBessel.add(q.Concentration.mul(q.CircularVariance)).add(LogTwoPi));

    /// <inheritdoc/>
    protected override Tensor ElementMode => Wrapped(Loc);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        // κ (cos δ − 1) = −2κ sin²(δ/2), which keeps its digits where κ is large.
        var sine = value.sub(Loc).mul(0.5).sin();
        return new(sine.mul(sine).mul(Concentration).mul(2).add(LogScaledBessel), -1, -LogTwoPi);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        // In float64 throughout: the acceptance test cancels in float32 for small and for large κ.
        var (loc, concentration) = (Loc.detach().to(ScalarType.Float64), Concentration.detach().to(ScalarType.Float64).expand(shape.ToArray()));
        var angle = StandardDraw(concentration, generator);
        var draw = Wrapped(loc.add(angle)).to(DType).clamp(-Math.PI, Math.PI);
        if (!is_grad_enabled() || !(Loc.requires_grad || Concentration.requires_grad))
        {
            return draw;
        }

        Tensor slope;
        using (no_grad())
        {
            slope = Slope(angle, concentration, new VonMises(loc, concentration).CircularVariance).to(DType);
        }

        // Zero in value; its derivatives are 1 in μ and the slope in κ.
        return draw.add(Loc.sub(Loc.detach())).add(Concentration.sub(Concentration.detach()).mul(slope));
    }

    // Best and Fisher's envelope, a wrapped Cauchy, with its differences from 1 worked out, which round off for small and large κ.
    private static Tensor StandardDraw(Tensor concentration, Generator generator)
    {
        var kappa = concentration.clamp_max(1e100);
        var root = kappa.square().mul(4).add(1).sqrt();
        var outer = root.add(1).sqrt();
        var divisor = root.add(1).mul(outer.add(Math.Sqrt(2)));
        var rho = kappa.mul(2).mul(outer).div(divisor);
        var complement = root.add(kappa.mul(2)).reciprocal().add(1).mul(outer).add(root.add(1).mul(Math.Sqrt(2))).div(divisor);
        var excess = complement.square().div(rho.mul(2));
        // No round would accept a draw for a κ that is no positive number.
        var pending = concentration.gt(0);
        var angle = zeros_like(concentration).masked_fill(pending.logical_not(), double.NaN);
        while (pending.any().ToBoolean())
        {
            var sine = Uniforms().mul_(Math.PI / 2).sin_();
            var gap = sine.square().mul(2);
            // f = cos θ, by 1 − f.
            var defect = excess.mul(gap).div(excess.add(2).sub(gap));
            var c = excess.add(defect).mul(kappa);
            var accepted = c.log().sub(Draws.AboveZero(new Shape(concentration.shape), ScalarType.Float64, concentration.device, generator).log_()).add(1).sub(c).ge(0);
            var magnitude = defect.mul(0.5).clamp(0, 1).sqrt().asin().mul(2);
            var proposal = where(Uniforms().lt(0.5), magnitude.neg(), magnitude);
            angle = where(pending.logical_and(accepted), proposal, angle);
            pending = pending.logical_and(accepted.logical_not());
        }

        return angle;

        Tensor Uniforms() => Draws.Uniform(concentration.shape, ScalarType.Float64, concentration.device, generator);
    }

    // dθ/dκ = −(∂F/∂κ)/p at a draw θ of VonMises(0, κ), where ∂F/∂κ = ∫₀ᶿ p(t) (cos t − E cos t) dt, and the integral from θ to π is
    // its negative: of the two the one whose integrand is no greater than a few times what it begins with.
    internal static Tensor Slope(Tensor angle, Tensor concentration, Tensor variance)
    {
        var sine = angle.mul(0.5).sin().square();
        var inner = sine.mul(concentration).lt(0.25);
        var magnitude = angle.abs();
        var end = sine.add(20 / concentration).clamp_max(1).sqrt().asin().mul(2);
        var (from, to) = (magnitude.masked_fill(inner, 0), where(inner, magnitude, end));
        var width = to.sub(from);
        var integral = zeros_like(angle);
        for (var i = 0; i < GaussLegendre.Nodes.Length; i++)
        {
            var square = width.mul(GaussLegendre.Nodes[i]).add(from).mul(0.5).sin().square();
            var density = sine.sub(square).mul(concentration).mul(2).exp();
            integral = integral.add(density.mul(variance.sub(square.mul(2))).mul(GaussLegendre.Weights[i]));
        }

        return where(inner, integral.neg(), integral).mul(width).mul(angle.sign());
    }

    private (Tensor Large, Tensor Small, Tensor Inverse) Ranges()
    {
        var large = Concentration.gt(Large);
        return (large, Concentration.masked_fill(large, 1), Concentration.clamp_min(Large).reciprocal());
    }

    private static double[] Expansion(int order)
    {
        var coefficients = new double[10];
        coefficients[0] = 1;
        for (var k = 1; k < coefficients.Length; k++)
        {
            coefficients[k] = coefficients[k - 1] * (((2 * k) - 1) * ((2 * k) - 1) - order) / (8 * k);
        }

        return coefficients;
    }

    private static Tensor Polynomial(Tensor y, ImmutableArray<double> coefficients)
    {
        var sum = full_like(y, coefficients[^1]);
        for (var i = coefficients.Length - 2; i >= 0; i--)
        {
            sum = sum.mul(y).add(coefficients[i]);
        }

        return sum;
    }

    private static Tensor Wrapped(Tensor angle) => angle.add(Math.PI).remainder(2 * Math.PI).sub(Math.PI);
}
