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

    private readonly Func<Tensor, CovarianceFactor> _make;
    private CovarianceFactor _factor;

    private Wishart(TensorLike df, (string Name, TensorLike Value, Support Range) matrix, Func<Tensor, CovarianceFactor> factor)
        : base([("df", df, Above(matrix.Value.Shape), 0), (matrix.Name, matrix.Value, matrix.Range, 2)], ElementShape(matrix.Name, matrix.Value.Shape))
    {
        _make = factor;
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

    /// <summary>KL(q ‖ p) = Σⱼ log Γ(νp/2 − j/2)/Γ(νq/2 − j/2) − ½ (νp − νq) ψ(νq/2 − j/2) + νp/2 log |Vp|/|Vq| + νq/2 (tr(Vp⁻¹ Vq) − n), in float64.</summary>
    internal Tensor Divergence(Wishart p)
    {
        var steps = Steps;
        var (shapeQ, shapeP) = (Df.mul(0.5).unsqueeze(-1).sub(steps), p.Df.mul(0.5).unsqueeze(-1).sub(steps));
        var gammas = shapeP.mul(LogRatio.Of(shapeP, shapeQ)).sub(shapeP.sub(shapeQ)).add(Stirling.BregmanRest(shapeP, shapeQ)).sum(dim: -1);
        var determinants = p._factor.HalfLogDeterminant.sub(_factor.HalfLogDeterminant).mul(p.Df);
        return gammas.add(determinants).add(p.TraceRatio(ScaleTril).sub(Dim).mul(Df.mul(0.5)));
    }

    /// <summary>The number n of rows.</summary>
    internal long Dim => Arguments[1].Value.shape[^1];

    /// <inheritdoc/>
    protected override Tensor? ElementEntropy => this.Precisely(wishart =>
    {
        // Of gamma laws of shapes h = ν/2 − j/2, as far as h (log h − 1), which cancels with the mean of log |X|.
        var shapes = wishart.Df.mul(0.5).unsqueeze(-1).sub(wishart.Steps);
        var excess = wishart.Df.sub(Dim + 1).mul(0.5).unsqueeze(-1);
        var slope = Stirling.RemainderSlope(shapes).sub(shapes.reciprocal().mul(0.5));
        var each = shapes.log().mul(shapes.sub(excess).sub(0.5)).add(Stirling.Remainder(shapes)).sub(excess.mul(slope)).add(wishart.Steps).sum(dim: -1);
        return each.add((wishart._factor.HalfLogDeterminant.mul(2).add(Dim * LogTwo)).mul(0.5 * (Dim + 1)))
            .add(Dim * 0.5 * Math.Log(2 * Math.PI)).add(0.25 * Dim * (Dim - 1) * Math.Log(Math.PI));
    });

    /// <summary>(ν − n − 1) V for ν ≥ n + 1; NaN below, where the density has no maximum inside.</summary>
    protected override Tensor? ElementMode
    {
        get
        {
            var excess = DfOfMatrix.sub(Dim + 1);
            return Covariance.mul(where(excess.ge(0), excess, full_like(excess, double.NaN)));
        }
    }

    // j/2 for j = 0 … n − 1, beside ν/2.
    private Tensor Steps => arange(Dim, dtype: DType, device: Device).mul(0.5);

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
        return this.Precisely(value, (wishart, matrix) =>
        {
            // With h = ν/2, the powers h log |V⁻¹X/2h| − tr(V⁻¹X)/2 + n h are small where X is near its mean.
            var (root, half) = (linalg.cholesky_ex(matrix).L, wishart.Df.mul(0.5));
            var logRoot = root.diagonal(0, -2, -1).log().sum(dim: -1);
            var logRatio = logRoot.sub(wishart._factor.HalfLogDeterminant).mul(2).sub(wishart.Df.log().mul(Dim));
            var power = half.mul(logRatio).sub(wishart.TraceRatio(root).mul(0.5)).add(half.mul(Dim));
            var gammas = Stirling.Remainder(half).sub(half.log().mul(0.5)).add(0.5 * Math.Log(2 * Math.PI)).mul(Dim)
                .sub(Stirling.LogRising(half.unsqueeze(-1).sub(wishart.Steps), wishart.Steps).sum(dim: -1)).add(0.25 * Dim * (Dim - 1) * Math.Log(Math.PI));
            return power.sub(gammas).sub(logRoot.mul(Dim + 1));
        });
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var rows = shape[..^1];
        var chi = (Extremes.Greatest(Df) <= Stirling.Everyday ? Chi(this) : this.Precisely(Chi)).KeptPositive();
        var under = randn(shape.ToArray(), DType, Device, generator: generator).tril(-1);
        var root = _factor.Colour(under.add(chi.diag_embed()).transpose(-2, -1)).transpose(-2, -1);
        var product = matmul(root, root.transpose(-2, -1));
        // A few roundings on the diagonal keep the product of a nearly singular root, as of a ν close to n − 1, positive definite.
        return product.add(product.diagonal(0, -2, -1).mul(8 * Math.Sqrt(Dim) * finfo(DType).eps).diag_embed());

        Tensor Chi(Wishart wishart) => StandardGamma.LogDraw(wishart.Df.mul(0.5).unsqueeze(-1).sub(wishart.Steps), rows, generator).add(LogTwo).mul(0.5).exp();
    }

    private protected override void OnArgumentsReplaced() => _factor = _make(Arguments[1].Value);

    private static Interval Above(Shape matrix) => new(matrix.Rank == 0 ? 0 : matrix[matrix.Rank - 1] - 1, double.PositiveInfinity, lowerIncluded: false);

    private static Shape ElementShape(string name, Shape matrix) => matrix.Rank >= 2 && matrix[matrix.Rank - 1] == matrix[matrix.Rank - 2]
        ? matrix[^2..]
        : throw new ArgumentException($"Wishart: {name} of shape {matrix} is no square matrix.", name);
}
