using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Poisson(λ): P(k) = λᵏ e^(−λ) / k!. Support: the whole numbers from 0. Drawn by multiplication, or by transformed rejection from
/// λ = 10 on (Hörmann 1993, The Transformed Rejection Method for Generating Poisson Random Variables).
/// Formula: Johnson, Kemp and Kotz 2005, Univariate Discrete Distributions, ch. 4.
/// </summary>
public sealed class Poisson : Distribution
{
    private readonly bool _fromLog;

    private Poisson(string name, TensorLike value, Support range, bool fromLog)
        : base([(name, value, range, 0)])
    {
        _fromLog = fromLog;
    }

    /// <summary>Rate λ.</summary>
    public Tensor Rate => _fromLog ? Arguments[0].Value.exp() : Arguments[0].Value;

    /// <summary>log λ; negative infinity where λ is 0.</summary>
    public Tensor LogRate => _fromLog ? Arguments[0].Value : LogProbability.LogOf(Arguments[0].Value);

    /// <inheritdoc/>
    public override Support Support => Support.NonNegativeIntegers;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Rate);

    /// <inheritdoc/>
    public override Tensor Variance => Spread(Rate);

    /// <summary>The mode ⌊λ⌋, the greater of two where λ is whole.</summary>
    protected override Tensor ElementMode => Rate.floor();

    /// <summary>Counts of each element by their rate.</summary>
    /// <param name="rate">Rate λ, the mean. Range: λ ≥ 0.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Poisson FromRate(TensorLike rate) => new("rate", rate, Support.NonNegative, fromLog: false);

    /// <summary>Counts of each element by the logarithm of their rate: what a network gives.</summary>
    /// <param name="logRate">log λ. Range: real.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public static Poisson FromLogRate(TensorLike logRate) => new("logRate", logRate, Support.Real, fromLog: true);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var type = Counts.WorkingType(value, DType);
        var (count, argument) = (value.to(type), Arguments[0].Value.to(type));
        var rate = _fromLog ? argument.exp() : argument;
        if (type == ScalarType.Float64 && Stirling.HasGreat(count))
        {
            return Stirling.LogPoissonMass(count, rate, _fromLog ? argument : LogProbability.LogOf(argument)).to(DType);
        }

        return TimesLogRate(count, argument).sub_(rate).sub_(count.add(1).lgamma()).to(DType);
    }

    private Tensor TimesLogRate(Tensor count, Tensor argument)
    {
        if (_fromLog)
        {
            return count.mul(argument);
        }

        // The masks that keep a rate of 0 and its gradient in order take as long as all the rest.
        return Extremes.Least(argument) > 0 ? count.mul(argument.log()) : Counts.TimesLog(count, LogProbability.LogOf(argument));
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var argument = Arguments[0].Value.to(ScalarType.Float64).expand(shape.ToArray());
        return Counts.PoissonDraw((_fromLog ? argument.exp() : argument).contiguous(), DType, generator);
    }

    /// <summary>Q(⌊k⌋ + 1, λ), the regularized upper incomplete gamma function.</summary>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var shape = value.floor().add(1).clamp_min(1).detach();
        return igammac(shape, Rate.to(value.dtype)).masked_fill(value.lt(0), 0);
    }
}
