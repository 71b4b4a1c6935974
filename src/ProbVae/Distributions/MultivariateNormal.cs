using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// MultivariateNormal(μ, Σ): p(x) = exp(−½ (x − μ)ᵀ Σ⁻¹ (x − μ)) / √((2π)ᴰ |Σ|), by the covariance Σ, the precision Σ⁻¹ or the Cholesky
/// factor L of Σ = L Lᵀ. Support: vectors of D real numbers. Reparameterized as μ + L ε, ε ~ Normal(0, I). Densities and draws solve
/// with a triangular factor, computed once at construction, and invert nothing.
/// </summary>
public sealed class MultivariateNormal : Distribution, IReparameterized, IMultivariateGaussian
{
    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    private readonly Func<Tensor, CovarianceFactor> _make;
    private CovarianceFactor _factor;

    private MultivariateNormal(TensorLike loc, (string Name, TensorLike Value, Support Range) matrix, Func<Tensor, CovarianceFactor> factor)
        : base([("loc", loc, Support.Real, 1), (matrix.Name, matrix.Value, matrix.Range, 2)], ElementShape(loc, matrix.Name, matrix.Value))
    {
        _make = factor;
        _factor = factor(Arguments[1].Value);
    }

    /// <summary>Mean μ.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Covariance Σ.</summary>
    public Tensor Covariance => _factor.Covariance;

    /// <summary>Precision Σ⁻¹.</summary>
    public Tensor Precision => _factor.Precision;

    /// <summary>The lower triangular L with Σ = L Lᵀ.</summary>
    public Tensor ScaleTril => _factor.ScaleTril;

    /// <inheritdoc/>
    public override Support Support => Support.RealVector;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Loc);

    /// <summary>The diagonal of Σ.</summary>
    public override Tensor Variance => Spread(_factor.Variance);

    bool IMultivariateGaussian.IsEveryday => _factor.IsEveryday;

    Tensor IMultivariateGaussian.HalfLogDeterminant => _factor.HalfLogDeterminant;

    IReadOnlyList<Tensor> IMultivariateGaussian.RootRows => [_factor.RootRows];

    /// <inheritdoc/>
    protected override Tensor? ElementEntropy =>
        (_factor.IsEveryday ? _factor.HalfLogDeterminant : this.Precisely(q => q._factor.HalfLogDeterminant)).add(0.5 * Dimension * (1 + LogTwoPi));

    /// <inheritdoc/>
    protected override Tensor? ElementMode => Loc;

    private long Dimension => Loc.shape[^1];

    /// <summary>A normal distribution over vectors by its covariance.</summary>
    /// <param name="loc">Mean μ, along the last axis. Range: real.</param>
    /// <param name="covariance">Covariance Σ, along the last two axes. Range: symmetric positive definite.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a number lies outside its range.</exception>
    public static MultivariateNormal FromCovariance(TensorLike loc, TensorLike covariance) =>
        new(loc, (nameof(covariance), covariance, Support.PositiveDefinite), CovarianceFactor.FromCovariance);

    /// <summary>A normal distribution over vectors by its precision, the inverse of the covariance.</summary>
    /// <param name="loc">Mean μ, along the last axis. Range: real.</param>
    /// <param name="precision">Precision Σ⁻¹, along the last two axes. Range: symmetric positive definite.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a number lies outside its range.</exception>
    public static MultivariateNormal FromPrecision(TensorLike loc, TensorLike precision) =>
        new(loc, (nameof(precision), precision, Support.PositiveDefinite), CovarianceFactor.FromPrecision);

    /// <summary>A normal distribution over vectors by the Cholesky factor of its covariance: the cheapest, and what an optimizer moves.</summary>
    /// <param name="loc">Mean μ, along the last axis. Range: real.</param>
    /// <param name="scaleTril">L of Σ = L Lᵀ, along the last two axes. Range: lower triangular with a diagonal &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a number lies outside its range.</exception>
    public static MultivariateNormal FromScaleTril(TensorLike loc, TensorLike scaleTril) =>
        new(loc, (nameof(scaleTril), scaleTril, Support.LowerCholesky), CovarianceFactor.FromScaleTril);

    /// <inheritdoc/>
    Tensor IMultivariateGaussian.SquaredNorm(Tensor rows) => _factor.Whiten(rows).square().sum(dim: -1);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!_factor.IsEveryday)
        {
            return this.Precisely(value, (q, x) => q.LogDensity(x).ToTensor());
        }

        var z = VectorRows.Map(value.sub(Loc), _factor.Batch, _factor.Whiten);
        return new(z.square().sum(dim: -1).mul(0.5).add(_factor.HalfLogDeterminant), Factor: -1, Offset: -0.5 * Dimension * LogTwoPi);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator) =>
        VectorRows.Map(Draws.Normal(shape, DType, Device, generator), _factor.Batch, _factor.Colour).add(Loc);

    private protected override void OnArgumentsReplaced() => _factor = _make(Arguments[1].Value);

    private static Shape ElementShape(TensorLike loc, string name, TensorLike matrix)
    {
        var (vector, square) = (loc.Shape, matrix.Shape);
        var fits = vector.Rank >= 1 && square.Rank >= 2 && square[square.Rank - 1] == square[square.Rank - 2] && square[square.Rank - 1] == vector[vector.Rank - 1];
        return fits ? vector[^1..] : throw new ArgumentException(
            $"MultivariateNormal: loc of shape {vector} and {name} of shape {square} do not go together; loc ends with an axis of D elements, {name} with two.", name);
    }
}
