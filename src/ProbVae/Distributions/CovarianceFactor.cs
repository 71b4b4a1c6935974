using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The lower triangular L with Σ = L Lᵀ, held as itself or, where a precision is given, as the upper triangular U = L⁻ᵀ with
/// Σ⁻¹ = U Uᵀ, so that neither is ever inverted for a density or a draw. Vectors are rows.
/// </summary>
internal sealed class CovarianceFactor
{
    private readonly Tensor _triangle;
    private readonly bool _ofPrecision;

    private CovarianceFactor(Tensor triangle, bool ofPrecision) => (_triangle, _ofPrecision) = (triangle, ofPrecision);

    /// <summary>The axes of independent matrices.</summary>
    public Shape Batch => new Shape(_triangle.shape)[..^2];

    /// <summary>Whether solving with the triangle takes no digits away that float32 has few of; a float64 one counts as such.</summary>
    public bool IsEveryday => _triangle.dtype == ScalarType.Float64 || Extremes.Reach(_triangle) <= 16 * Extremes.Least(_triangle.diagonal(0, -2, -1));

    /// <summary>½ log |Σ|.</summary>
    public Tensor HalfLogDeterminant
    {
        get
        {
            var logs = _triangle.diagonal(0, -2, -1).log().sum(dim: -1);
            return _ofPrecision ? logs.neg() : logs;
        }
    }

    /// <summary>Lᵀ, whose rows' outer products sum to Σ.</summary>
    public Tensor RootRows => _ofPrecision ? Colour(Identity) : _triangle.transpose(-2, -1);

    /// <summary>L.</summary>
    public Tensor ScaleTril => RootRows.transpose(-2, -1);

    /// <summary>Σ.</summary>
    public Tensor Covariance
    {
        get
        {
            var rows = RootRows;
            return matmul(rows.transpose(-2, -1), rows);
        }
    }

    /// <summary>Σ⁻¹.</summary>
    public Tensor Precision
    {
        get
        {
            var upper = _ofPrecision ? _triangle : Whiten(Identity);
            return matmul(upper, upper.transpose(-2, -1));
        }
    }

    /// <summary>The diagonal of Σ.</summary>
    public Tensor Variance => RootRows.square().sum(dim: -2);

    private Tensor Identity => eye(_triangle.shape[^1], dtype: _triangle.dtype, device: _triangle.device);

    /// <summary>From L itself.</summary>
    public static CovarianceFactor FromScaleTril(Tensor scaleTril) => new(scaleTril, ofPrecision: false);

    /// <summary>From Σ. A matrix that is not positive definite is refused later, by the argument's range.</summary>
    public static CovarianceFactor FromCovariance(Tensor covariance) => new(Root(covariance), ofPrecision: false);

    /// <summary>From Σ⁻¹: with the axes turned around, its upper factor is a lower one.</summary>
    public static CovarianceFactor FromPrecision(Tensor precision) =>
        new(Root(precision.flip(-2, -1)).flip(-2, -1), ofPrecision: true);

    // In float64: what is left of a variance beside correlated ones is a small difference.
    private static Tensor Root(Tensor matrix) => linalg.cholesky_ex(matrix.to(ScalarType.Float64)).L.to(matrix.dtype);

    /// <summary>L⁻¹ x of each row x of a matrix: its squares sum to xᵀ Σ⁻¹ x.</summary>
    public Tensor Whiten(Tensor rows) => _ofPrecision
        ? matmul(rows, _triangle)
        : linalg.solve_triangular(_triangle.transpose(-2, -1), rows, upper: true, left: false);

    /// <summary>L x of each row x of a matrix: standard normal rows get the covariance Σ.</summary>
    public Tensor Colour(Tensor rows) => _ofPrecision
        ? linalg.solve_triangular(_triangle, rows, upper: true, left: false)
        : matmul(rows, _triangle.transpose(-2, -1));
}
