using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// LowRankMultivariateNormal(μ, W, d): the normal distribution over vectors with the covariance Σ = W Wᵀ + diag(d), W of D × R.
/// Support: vectors of D real numbers. Reparameterized as μ + W ε₁ + √d ε₂. Only the R × R capacitance C = I + Wᵀ diag(d)⁻¹ W is
/// factored, at construction: |Σ| = |C| Π dᵢ, and xᵀ Σ⁻¹ x = |d^(−½) (x − W z)|² + |z|² with z = C⁻¹ Wᵀ diag(d)⁻¹ x (Woodbury's identity
/// as a sum of squares, which does not cancel).
/// </summary>
public sealed class LowRankMultivariateNormal : Distribution, IReparameterized, IMultivariateGaussian
{
    private static readonly double LogTwoPi = Math.Log(2 * Math.PI);

    private Tensor _capacitanceFactor;

    /// <summary>A normal distribution over vectors with few directions of correlation.</summary>
    /// <param name="loc">Mean μ, along the last axis. Range: real.</param>
    /// <param name="covFactor">Factor W, D × R along the last two axes. Range: real.</param>
    /// <param name="covDiag">Diagonal d, along the last axis. Range: dᵢ &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a number lies outside its range.</exception>
    public LowRankMultivariateNormal(TensorLike loc, TensorLike covFactor, TensorLike covDiag)
        : base([("loc", loc, Support.Real, 1), ("covFactor", covFactor, Support.Real, 2), ("covDiag", covDiag, Support.Positive, 1)], ElementShape(loc, covFactor, covDiag))
    {
        _capacitanceFactor = Capacitance();
    }

    /// <summary>Mean μ.</summary>
    public Tensor Loc => Arguments[0].Value;

    /// <summary>Factor W of the covariance W Wᵀ + diag(d).</summary>
    public Tensor CovFactor => Arguments[1].Value;

    /// <summary>Diagonal d of the covariance W Wᵀ + diag(d).</summary>
    public Tensor CovDiag => Arguments[2].Value;

    /// <summary>Covariance W Wᵀ + diag(d).</summary>
    public Tensor Covariance => matmul(CovFactor, CovFactor.transpose(-2, -1)).add(CovDiag.diag_embed());

    /// <inheritdoc/>
    public override Support Support => Support.RealVector;

    /// <inheritdoc/>
    public override Tensor Mean => Spread(Loc);

    /// <summary>The diagonal of the covariance.</summary>
    public override Tensor Variance => Spread(CovFactor.square().sum(dim: -1).add(CovDiag));

    IReadOnlyList<Tensor> IMultivariateGaussian.RootRows => [CovFactor.transpose(-2, -1), CovDiag.sqrt().diag_embed()];

    bool IMultivariateGaussian.IsEveryday => IsEveryday;

    Tensor IMultivariateGaussian.HalfLogDeterminant => HalfLogDeterminant;

    /// <inheritdoc/>
    protected override Tensor? ElementEntropy => (IsEveryday ? HalfLogDeterminant : this.Precisely(q => q.HalfLogDeterminant)).add(0.5 * Dimension * (1 + LogTwoPi));

    /// <inheritdoc/>
    protected override Tensor? ElementMode => Loc;

    private long Dimension => Loc.shape[^1];

    // Where W outweighs d, x − W z is a small difference; the slopes of W/d have its square.
    private bool IsEveryday => DType == ScalarType.Float64
        || (Extremes.Reach(_capacitanceFactor) <= 16 && Extremes.Least(CovDiag) >= 1e-10 && Extremes.Greatest(CovDiag) <= 1e10);

    private long Rank => CovFactor.shape[^1];

    private Shape MatrixBatch => new Shape(_capacitanceFactor.shape)[..^2];

    // diag(d)⁻¹ W
    private Tensor WeightedFactor => CovFactor.div(CovDiag.unsqueeze(-1));

    private Tensor HalfLogDeterminant => _capacitanceFactor.diagonal(0, -2, -1).log().sum(dim: -1).add(CovDiag.log().sum(dim: -1).mul(0.5));

    Tensor IMultivariateGaussian.SquaredNorm(Tensor rows) => SquaredNorm(rows);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!IsEveryday)
        {
            return this.Precisely(value, (q, x) => q.LogDensity(x).ToTensor());
        }

        var norm = VectorRows.Map(value.sub(Loc), MatrixBatch, rows => SquaredNorm(rows).unsqueeze(-1)).squeeze(-1);
        return new(norm.mul(0.5).add(HalfLogDeterminant), Factor: -1, Offset: -0.5 * Dimension * LogTwoPi);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var factors = Draws.Normal(shape[..^1] + [Rank], DType, Device, generator);
        var own = Draws.Normal(shape, DType, Device, generator).mul(CovDiag.sqrt());
        return VectorRows.Map(factors, new Shape(CovFactor.shape)[..^2], rows => matmul(rows, CovFactor.transpose(-2, -1))).add(own).add(Loc);
    }

    private protected override void OnArgumentsReplaced() => _capacitanceFactor = Capacitance();

    private Tensor Capacitance() =>
        linalg.cholesky_ex(matmul(CovFactor.transpose(-2, -1), WeightedFactor).add(eye(Rank, dtype: DType, device: Device))).L;

    private static Shape ElementShape(TensorLike loc, TensorLike covFactor, TensorLike covDiag)
    {
        var (vector, matrix, diagonal) = (loc.Shape, covFactor.Shape, covDiag.Shape);
        var fits = vector.Rank >= 1 && matrix.Rank >= 2 && diagonal.Rank >= 1
            && matrix[matrix.Rank - 2] == vector[vector.Rank - 1] && diagonal[diagonal.Rank - 1] == vector[vector.Rank - 1];
        return fits ? vector[^1..] : throw new ArgumentException(
            $"LowRankMultivariateNormal: loc of shape {vector}, covFactor of shape {matrix} and covDiag of shape {diagonal} do not go together; they end with the axes (D), (D, R) and (D).", nameof(covFactor));
    }

    private Tensor SquaredNorm(Tensor rows)
    {
        var z = matmul(rows, WeightedFactor);
        z = linalg.solve_triangular(_capacitanceFactor.transpose(-2, -1), z, upper: true, left: false);
        z = linalg.solve_triangular(_capacitanceFactor, z, upper: false, left: false);
        var rest = rows.sub(matmul(z, CovFactor.transpose(-2, -1)));
        return rest.square().div(CovDiag.unsqueeze(-2)).sum(dim: -1).add(z.square().sum(dim: -1));
    }
}
