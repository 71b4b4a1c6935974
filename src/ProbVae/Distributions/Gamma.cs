using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Gamma(α, β): p(x) = β^α x^(α−1) e^(−βx) / Γ(α), α the shape and β the rate. Support: x &gt; 0. Drawn by rejection (Marsaglia and
/// Tsang 2000, A Simple Method for Generating Gamma Variables); gradients by implicit reparameterization (Figurnov, Mohamed and Mnih 2018).
/// Formula: Johnson, Kotz and Balakrishnan 1994, Continuous Univariate Distributions 1, ch. 17.
/// </summary>
public sealed class Gamma : Distribution, IReparameterized
{
    private readonly Parametrization _parametrization;

    private Gamma(Parametrization parametrization, (string Name, TensorLike Value) first, (string Name, TensorLike Value) second)
        : base([(first.Name, first.Value, Support.Positive, 0), (second.Name, second.Value, Support.Positive, 0)])
    {
        _parametrization = parametrization;
    }

    private enum Parametrization
    {
        ShapeRate,
        ShapeScale,
        MeanAndStandardDeviation,
    }

    /// <summary>Shape α.</summary>
    public Tensor Concentration => _parametrization == Parametrization.MeanAndStandardDeviation ? First.div(Second).square() : First;

    /// <summary>Rate β.</summary>
    public Tensor Rate => _parametrization switch
    {
        Parametrization.ShapeScale => Second.reciprocal(),
        Parametrization.MeanAndStandardDeviation => First.div(Second).div(Second),
        _ => Second,
    };

    /// <inheritdoc/>
    public override Support Support => Support.Positive;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(_parametrization switch
    {
        Parametrization.ShapeScale => First.mul(Second),
        Parametrization.MeanAndStandardDeviation => First,
        _ => First.div(Second),
    });

    /// <inheritdoc/>
    public override Tensor Variance => Spread(this.Precisely(gamma => gamma._parametrization switch
    {
        Parametrization.ShapeScale => gamma.First.mul(gamma.Second.square()),
        Parametrization.MeanAndStandardDeviation => gamma.Second.square(),
        _ => gamma.First.div(gamma.Second.square()),
    }));

    private Tensor First => Arguments[0].Value;

    private Tensor Second => Arguments[1].Value;

    private Tensor LogRate => _parametrization == Parametrization.ShapeScale ? Second.log().neg() : Rate.log();

    /// <summary>A gamma distribution of each element by shape and rate.</summary>
    /// <param name="concentration">Shape α. Range: α &gt; 0.</param>
    /// <param name="rate">Rate β = 1/scale. Range: β &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static Gamma FromShapeRate(TensorLike concentration, TensorLike rate) =>
        new(Parametrization.ShapeRate, (nameof(concentration), concentration), (nameof(rate), rate));

    /// <summary>A gamma distribution of each element by shape and scale.</summary>
    /// <param name="concentration">Shape α. Range: α &gt; 0.</param>
    /// <param name="scale">Scale 1/β. Range: 1/β &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static Gamma FromShapeScale(TensorLike concentration, TensorLike scale) =>
        new(Parametrization.ShapeScale, (nameof(concentration), concentration), (nameof(scale), scale));

    /// <summary>A gamma distribution of each element by its first two moments: α = m²/s², β = m/s².</summary>
    /// <param name="mean">Mean m. Range: m &gt; 0.</param>
    /// <param name="standardDeviation">Standard deviation s. Range: s &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number lies outside its range.</exception>
    public static Gamma FromMeanAndStandardDeviation(TensorLike mean, TensorLike standardDeviation) =>
        new(Parametrization.MeanAndStandardDeviation, (nameof(mean), mean), (nameof(standardDeviation), standardDeviation));

    /// <inheritdoc/>
    protected override Tensor ElementEntropy => this.Precisely(Expectations.Entropy);

    /// <summary>(α − 1)/β; 0 for α ≤ 1.</summary>
    protected override Tensor ElementMode => Concentration.sub(1).div(Rate).clamp_min(0);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var concentration = Concentration;
        if (Extremes.Greatest(concentration) > Stirling.Everyday)
        {
            return this.Precisely(value, (gamma, x) => Stirling.LogGammaDensity(gamma.Concentration, gamma.InUnits(x)).sub(x.log()));
        }

        return value.log().mul(concentration.sub(1)).sub(InUnits(value)).add(concentration.mul(LogRate).sub(concentration.lgamma()));
    }

    // β x; by the scale itself, whose inverse's slopes leave float32's numbers.
    private Tensor InUnits(Tensor value) => _parametrization == Parametrization.ShapeScale ? value.div(Second) : value.mul(Rate);

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        // A small α has draws below the numbers of its type, which a small rate brings back.
        if (Extremes.Least(Concentration) < Stirling.Small)
        {
            return this.Precisely(gamma => StandardGamma.LogDraw(gamma.Concentration, shape, generator).sub(gamma.LogRate).ExpKeptPositive(DType));
        }

        // By its moments a draw of a large α moves by the difference of what its shape and its rate do.
        return (_parametrization == Parametrization.MeanAndStandardDeviation
            ? this.Precisely(gamma => gamma.Scaled(shape, generator)) : Scaled(shape, generator)).KeptPositive();
    }

    private Tensor Scaled(Shape shape, Generator generator)
    {
        var draw = StandardGamma.Draw(Concentration, shape, generator);
        return _parametrization == Parametrization.ShapeScale ? draw.mul(Second) : draw.div(Rate);
    }

    /// <inheritdoc/>
    protected override Tensor ElementCdf(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return IncompleteGamma.Of(Concentration, value.to(ScalarType.Float64).clamp_min(0).mul(Rate), DType);
    }

    /// <inheritdoc/>
    protected override Tensor ElementInverseCdf(Tensor probability)
    {
        ArgumentNullException.ThrowIfNull(probability);
        return Draws.QuantileKeptPositive(IncompleteGamma.QuantileOf(Concentration, probability).div(Rate), probability, DType);
    }
}
