using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// StudentT(ν, μ, σ): p(x) = Γ((ν+1)/2) / (Γ(ν/2) √(πν) σ) · (1 + z²/ν)^(−(ν+1)/2), z = (x − μ)/σ. Support: the real numbers.
/// The mean is NaN for ν ≤ 1; the variance is infinite for 1 &lt; ν ≤ 2 and NaN for ν ≤ 1. Drawn as μ + σ Z √(ν / 2G) with
/// Z ~ Normal(0, 1) and G ~ Gamma(ν/2, 1) (Devroye 1986, Non-Uniform Random Variate Generation, IX.5), reparameterized through both.
/// Formula: Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2, ch. 28.
/// </summary>
public sealed class StudentT : Distribution, IReparameterized
{
    private const double SeriesFrom = 30;

    private static readonly double LogRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>A Student t distribution of each element.</summary>
    /// <param name="df">Degrees of freedom ν. Range: ν &gt; 0.</param>
    /// <param name="loc">Median and mode μ. Range: real.</param>
    /// <param name="scale">Scale σ. Range: σ &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public StudentT(TensorLike df, TensorLike loc, TensorLike scale)
        : base([("df", df, Support.Positive, 0), ("loc", loc, Support.Real, 0), ("scale", scale, Support.Positive, 0)])
    {
    }

    /// <summary>Degrees of freedom ν.</summary>
    public Tensor Df => Arguments[0].Value;

    /// <summary>Median and mode μ.</summary>
    public Tensor Loc => Arguments[1].Value;

    /// <summary>Scale σ.</summary>
    public Tensor Scale => Arguments[2].Value;

    /// <inheritdoc/>
    public override Support Support => Support.Real;

    /// <summary>μ; NaN for ν ≤ 1.</summary>
    public override Tensor Mean => Spread(where(Df.gt(1), Loc, full_like(Loc, double.NaN)));

    /// <summary>σ² ν/(ν − 2); infinite for 1 &lt; ν ≤ 2, NaN for ν ≤ 1.</summary>
    public override Tensor Variance
    {
        get
        {
            var finite = Df.clamp_min(2);
            // ν/(ν − 2) as 1 + 2/(ν − 2), whose slope does not cancel.
            var square = Scale.square();
            return Spread(square.add(square.mul(finite.sub(2).reciprocal().mul(2))).masked_fill(Df.le(1), double.NaN));
        }
    }

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(student =>
    {
        var half = student.Df.div(2);
        var (level, slope) = (LogGammaStep(half), DigammaStep(half));
        return student.Df.add(1).mul(0.5).mul(slope).sub(level).add(student.Scale.log()).add(LogRootTwoPi);
    });

    /// <inheritdoc/>
    protected override Tensor ElementMode => Loc;

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var z = value.sub(Loc).div(Scale);
        if (Extremes.Greatest(Df) > SeriesFrom || (DType != ScalarType.Float64 && !Cauchy.IsNear(z)))
        {
            return this.Precisely(value, (student, x) => student.LogDensityByGap(x));
        }

        var half = Df.div(2);
        return new(Cauchy.LogOfOnePlusSquare(z, Df).mul(half.add(0.5)).add_(Scale.log()).sub_(LogGammaStep(half)), -1, -LogRootTwoPi);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var limit = finfo(DType).max;
        // For a large ν a small difference, whose slope float32 does not tell.
        var factor = Stirling.IsEveryday(Df.mul(0.5)) ? Factor(this) : this.Precisely(Factor);
        return addcmul(Loc, randn(shape.ToArray(), DType, Device, generator: generator).mul(factor), Scale, 1).clamp(-limit, limit);

        // √(ν / 2G). A small ν has draws beyond the numbers of its type; below e⁻² of its limit the product with Z is one of them.
        Tensor Factor(StudentT student)
        {
            var half = student.Df.mul(0.5);
            return half.log().sub(StandardGamma.LogDraw(half, shape, generator)).mul(0.5).clamp_max(Math.Log(limit) - 2).exp();
        }
    }

    // (ν + 1)/2 log(1 + w) with w = z²/ν, whose leading part z²/2 is taken out where w is small: what is left has a slope in ν that does not cancel.
    private Tensor LogDensityByGap(Tensor value)
    {
        var z = value.sub(Loc).div(Scale);
        var square = z.mul(z);
        var (w, log) = (square.div(Df), Cauchy.LogOfOnePlusSquare(z, Df));
        var far = w.gt(0.5);
        var near = square.masked_fill(far, 0).sub(Df.mul(Stirling.Gap(w.masked_fill(far, 0))));
        var power = where(far, Df.mul(log), near).add(log).mul(0.5);
        return LogGammaStep(Df.div(2)).sub(power).sub(Scale.log()).sub(LogRootTwoPi);
    }

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var z = value.to(ScalarType.Float64).sub(Loc).div(Scale);
        return ByElement.Of(Df.to(ScalarType.Float64), null, z, null, DType, (df, _, at, _) => StudentMass.At(df, at));
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        var (p, limit) = (probability.to(ScalarType.Float64), finfo(DType).max);
        var z = ByElement.Of(Df.to(ScalarType.Float64), null, p, null, ScalarType.Float64, (df, _, mass, _) => StudentMass.Quantile(df, mass));
        var quantile = z.mul(Scale).add(Loc);
        return where(p.gt(0).logical_and(p.lt(1)), quantile.clamp(-limit, limit), quantile).to(DType);
    }

    // log Γ(a + ½)/Γ(a) − ½ log a. Above SeriesFrom by Stirling's series: the differences cancel there.
    private static Tensor LogGammaStep(Tensor a)
    {
        if (Extremes.Greatest(a) <= SeriesFrom)
        {
            return Difference(a);
        }

        var large = a.gt(SeriesFrom);
        var series = Series(a.clamp_min(SeriesFrom).reciprocal(), [-1.0 / 8, 1.0 / 192, -1.0 / 640, 17.0 / 14336, -31.0 / 18432]);
        return where(large, series, Difference(a.masked_fill(large, SeriesFrom)));

        static Tensor Difference(Tensor a) => a.add(0.5).lgamma().sub_(a.lgamma()).add_(a.log(), -0.5);
    }

    // ψ(a + ½) − ψ(a), above SeriesFrom by ½/a and the derivative of the same series.
    private static Tensor DigammaStep(Tensor a)
    {
        var large = a.gt(SeriesFrom);
        var (small, inverse) = (a.masked_fill(large, SeriesFrom), a.clamp_min(SeriesFrom).reciprocal());
        var series = inverse.mul(0.5).sub(inverse.mul(Series(inverse, [-1.0 / 8, 3.0 / 192, -5.0 / 640, 119.0 / 14336, -279.0 / 18432])));
        return where(large, series, small.add(0.5).digamma().sub(small.digamma()));
    }

    // c₀ y + c₁ y³ + c₂ y⁵ + …
    private static Tensor Series(Tensor y, ReadOnlySpan<double> coefficients)
    {
        var square = y.square();
        var sum = full_like(y, coefficients[^1]);
        for (var i = coefficients.Length - 2; i >= 0; i--)
        {
            sum = sum.mul(square).add(coefficients[i]);
        }

        return sum.mul(y);
    }
}
