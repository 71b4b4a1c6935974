using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Wishart(ν, V): p(X) = |X|^((ν−n−1)/2) exp(−½ tr(V⁻¹ X)) / (2^(νn/2) |V|^(ν/2) Γₙ(ν/2)), with respect to the elements on and under the
/// diagonal: the distribution of Σ xᵢ xᵢᵀ over ν vectors xᵢ ~ Normal(0, V). Support: symmetric positive definite n × n matrices.
/// Drawn as L A Aᵀ Lᵀ with V = L Lᵀ and A lower triangular of independent normal and chi variables (Bartlett 1933; Smith and Hocking
/// 1972, Algorithm AS 53); gradients by implicit reparameterization of the gamma draws behind the chi variables.
/// </summary>
public sealed class Wishart : Distribution, IReparameterized
{
    private static readonly double LogTwo = Math.Log(2);

    private readonly CovarianceFactor _factor;

    private Wishart(TensorLike df, (string Name, TensorLike Value, Support Range) matrix, Func<Tensor, CovarianceFactor> factor)
        : base([("df", df, Above(matrix.Value.Shape), 0), (matrix.Name, matrix.Value, matrix.Range, 2)], ElementShape(matrix.Name, matrix.Value.Shape))
    {
        _factor = factor(Arguments[1].Value);
    }

    /// <summary>Degrees of freedom ν.</summary>
    public Tensor Df => Arguments[0].Value;

    /// <summary>V, the mean for ν = 1.</summary>
    public Tensor Covariance => _factor.Covariance;

    /// <summary>V⁻¹.</summary>
    public Tensor Precision => _factor.Precision;

    /// <summary>The lower triangular L with V = L Lᵀ.</summary>
    public Tensor ScaleTril => _factor.ScaleTril;

    /// <inheritdoc/>
    public override Support Support => Support.PositiveDefinite;

    /// <summary>ν V.</summary>
    public override Tensor Mean => Spread(Covariance.mul(DfOfMatrix));

    /// <summary>ν (Vᵢⱼ² + Vᵢᵢ Vⱼⱼ) of each element.</summary>
    public override Tensor Variance
    {
        get
        {
            var (covariance, diagonal) = (Covariance, _factor.Variance);
            return Spread(covariance.square().add(diagonal.unsqueeze(-1).mul(diagonal.unsqueeze(-2))).mul(DfOfMatrix));
        }
    }

    /// <summary>E log |X| = ψₙ(ν/2) + n log 2 + log |V|.</summary>
    internal Tensor MeanLogDeterminant => MultivariateGamma.Digamma(Df.mul(0.5), Dim).add(Dim * LogTwo).add(_factor.HalfLogDeterminant.mul(2));

    /// <summary>log of what divides the density.</summary>
    internal Tensor LogNormalizer => Df.mul(_factor.HalfLogDeterminant.add(0.5 * Dim * LogTwo)).add(MultivariateGamma.LogGamma(Df.mul(0.5), Dim));

    /// <summary>The number n of rows.</summary>
    internal long Dim => Arguments[1].Value.shape[^1];

    /// <inheritdoc/>
    protected override Tensor? ElementEntropy => LogNormalizer.sub(Df.sub(Dim + 1).mul(0.5).mul(MeanLogDeterminant)).add(Df.mul(0.5 * Dim));

    /// <summary>(ν − n − 1) V for ν ≥ n + 1; NaN below, where the density has no maximum inside.</summary>
    protected override Tensor? ElementMode
    {
        get
        {
            var excess = DfOfMatrix.sub(Dim + 1);
            return Covariance.mul(where(excess.ge(0), excess, full_like(excess, double.NaN)));
        }
    }

    private Tensor DfOfMatrix => Df.unsqueeze(-1).unsqueeze(-1);

    /// <summary>A distribution over positive definite matrices by V.</summary>
    /// <param name="df">Degrees of freedom ν. Range: ν &gt; n − 1.</param>
    /// <param name="covariance">V, along the last two axes. Range: symmetric positive definite.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a number lies outside its range.</exception>
    public static Wishart FromCovariance(TensorLike df, TensorLike covariance) =>
        new(df, (nameof(covariance), covariance, Support.PositiveDefinite), CovarianceFactor.FromCovariance);

    /// <summary>A distribution over positive definite matrices by V⁻¹.</summary>
    /// <param name="df">Degrees of freedom ν. Range: ν &gt; n − 1.</param>
    /// <param name="precision">V⁻¹, along the last two axes. Range: symmetric positive definite.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a number lies outside its range.</exception>
    public static Wishart FromPrecision(TensorLike df, TensorLike precision) =>
        new(df, (nameof(precision), precision, Support.PositiveDefinite), CovarianceFactor.FromPrecision);

    /// <summary>A distribution over positive definite matrices by the Cholesky factor of V.</summary>
    /// <param name="df">Degrees of freedom ν. Range: ν &gt; n − 1.</param>
    /// <param name="scaleTril">L of V = L Lᵀ, along the last two axes. Range: lower triangular with a diagonal &gt; 0.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a number lies outside its range.</exception>
    public static Wishart FromScaleTril(TensorLike df, TensorLike scaleTril) =>
        new(df, (nameof(scaleTril), scaleTril, Support.LowerCholesky), CovarianceFactor.FromScaleTril);

    /// <summary>tr(V⁻¹ M Mᵀ).</summary>
    /// <param name="root">M.</param>
    internal Tensor TraceRatio(Tensor root) => _factor.Whiten(root.transpose(-2, -1)).square().sum([-2, -1]);

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var root = linalg.cholesky_ex(value).L;
        var logRoot = root.diagonal(0, -2, -1).log().sum(dim: -1);
        return Df.sub(Dim + 1).mul(logRoot).sub(TraceRatio(root).mul(0.5)).sub(LogNormalizer);
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var rows = shape[..^1];
        var shapes = Df.unsqueeze(-1).sub(arange(Dim, dtype: DType, device: Device)).mul(0.5);
        var chi = Gamma.LogDraw(shapes, rows, generator).add(LogTwo).mul(0.5).exp().KeptPositive();
        var under = randn(shape.ToArray(), DType, Device, generator: generator).tril(-1);
        var root = _factor.Colour(under.add(chi.diag_embed()).transpose(-2, -1)).transpose(-2, -1);
        var product = matmul(root, root.transpose(-2, -1));
        // A few roundings on the diagonal keep the product of a nearly singular root, as of a ν close to n − 1, positive definite.
        return product.add(product.diagonal(0, -2, -1).mul(8 * Math.Sqrt(Dim) * finfo(DType).eps).diag_embed());
    }

    private static Interval Above(Shape matrix) => new(matrix.Rank == 0 ? 0 : matrix[matrix.Rank - 1] - 1, double.PositiveInfinity, lowerIncluded: false);

    private static Shape ElementShape(string name, Shape matrix) => matrix.Rank >= 2 && matrix[matrix.Rank - 1] == matrix[matrix.Rank - 2]
        ? matrix[^2..]
        : throw new ArgumentException($"Wishart: {name} of shape {matrix} is no square matrix.", name);
}
