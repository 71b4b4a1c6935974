using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Cauchy(μ, γ): p(x) = 1 / (πγ (1 + ((x − μ)/γ)²)). Support: the real numbers. Mean and variance do not exist and are given as NaN.
/// Reparameterized by inversion as μ + γ tan π(U − ½) (Devroye 1986, Non-Uniform Random Variate Generation, II.2).
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 16.
/// </summary>
public sealed class Cauchy : Distribution, IReparameterized
{
    // Squares of float32 overflow at 1.8e19.
    private const double Far = 1e9;

    /// <summary>A Cauchy distribution of each element.</summary>
    /// <param name="loc">Median and mode μ. Range: real.</param>
    /// <param name="scale">Half width γ at half the greatest density. Range: γ &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public Cauchy(TensorLike loc, TensorLike scale)
        : base([("loc", loc, Support.Real, 0), ("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Median and mode μ.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Half width γ at half the greatest density.</summary>
    public Tensor Scale => Arguments[1].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Real;

    /// <summary>NaN: the integral of x p(x) does not converge.</summary>
    public override Tensor Mean => Spread(full_like(Loc, double.NaN));

    /// <summary>NaN: there is no mean to vary about.</summary>
    public override Tensor Variance => Spread(full_like(Loc, double.NaN));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => Scale.log().add(Math.Log(4 * Math.PI));

    /// <inheritdoc/>
    protected override Tensor ElementMode => Loc;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var z = value.sub(Loc).div(Scale);
        if (DType != ScalarType.Float64 && !IsNear(z))
        {
            return this.Precisely(value, (cauchy, x) => cauchy.LogDensity(x).ToTensor());
        }

        return new(LogOfOnePlusSquare(z).add(Scale.log()), -1, -Math.Log(Math.PI));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        addcmul(Loc, StandardDraw(shape, DType, Device, generator), Scale, 1);

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        // The angle of (−z, 1): exact far below the median, where ½ + atan(z)/π cancels.
        var z = value.sub(Loc).div(Scale);
        return atan2(ones_like(z), z.neg()).div(Math.PI);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        var tail = probability.minimum(1 - probability).mul(Math.PI).tan().reciprocal();
        return where(probability.lt(0.5), tail.neg(), tail).mul(Scale).add(Loc);
    }

    /// <summary>Whether the squares of z, and its slopes in the scale, stay within float32's numbers.</summary>
    internal static bool IsNear(Tensor z) => Extremes.Least(z) >= -Far && Extremes.Greatest(z) <= Far;

    /// <summary>log(1 + z²/ν), also where z² is beyond the numbers of its type; ν is 1 unless given.</summary>
    internal static Tensor LogOfOnePlusSquare(Tensor z, Tensor? nu = null)
    {
        if (IsNear(z))
        {
            return Over(z.mul(z)).log1p();
        }

        var far = z.abs().gt(Far);
        var near = z.masked_fill(far, 0);
        var log = z.abs().masked_fill(far.logical_not(), 1).log().mul(2);
        log = nu is null ? log : log.sub(nu.log());
        return where(far, log.logaddexp(zeros_like(log)), Over(near.mul(near)).log1p());

        Tensor Over(Tensor square) => nu is null ? square : square.div(nu);
    }

    /// <summary>Draws from Cauchy(0, 1).</summary>
    internal static Tensor StandardDraw(Shape shape, ScalarType dtype, Device device, Generator generator) =>
        Draws.Uniform(shape, dtype, device, generator).sub_(0.5).mul_(Math.PI).tan_();
}
