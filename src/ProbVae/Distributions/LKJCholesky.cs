using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// LKJCholesky(n, η): the Cholesky factor L of an n × n correlation matrix R = L Lᵀ whose density is proportional to |R|^(η−1);
/// p(L) = Π Lᵢᵢ^(n−i+2η−2) / Z over i = 2 … n, with respect to the elements under the diagonal, Z = π^((n−1)/2) Γ_{n−1}(η + (n − 2)/2) /
/// Γ(η + (n − 1)/2)^(n−1), Γₚ the multivariate gamma function. η = 1 is uniform over correlation matrices. Support: Cholesky factors of correlation matrices.
/// </summary>
/// <remarks>
/// Source of density and sampler: Lewandowski, Kurowicka and Joe 2009, Generating random correlation matrices based on vines and
/// extended onion method, section 3.2. The i-th row's elements under the diagonal point in a uniform direction, with squared length
/// y ~ Beta((i − 1)/2, η + (n − i)/2), and Lᵢᵢ = √(1 − y). Gradients by implicit reparameterization of the gamma draws behind y.
/// </remarks>
public sealed class LKJCholesky : Distribution, IReparameterized
{
    private const double SeriesFrom = 30;

    /// <summary>A distribution over Cholesky factors of correlation matrices.</summary>
    /// <param name="dim">The number n of rows. Range: n ≥ 2.</param>
    /// <param name="concentration">Concentration η around the unit matrix. Range: η &gt; 0.</param>
    /// <exception cref="ArgumentException">A number lies outside its range.</exception>
    public LKJCholesky(long dim, TensorLike concentration)
        : base([("concentration", concentration, Support.Positive, 0)], ElementShape(dim))
    {
        Dim = dim;
    }

    /// <summary>The number n of rows.</summary>
    public long Dim { get; }

    /// <summary>Concentration η.</summary>
    public Tensor Concentration => Arguments[0].Value;

    /// <inheritdoc/>
    public override Support Support => Support.CorrelationCholesky;

    /// <summary>0 under the diagonal; on it E Lᵢᵢ = Γ(b + ½) Γ(c) / (Γ(b) Γ(c + ½)) with Lᵢᵢ² ~ Beta(b, a), c = a + b.</summary>
    public override Tensor Mean => Spread(this.Precisely(lkj => WithFirstRow(lkj.MeanLogs.exp()).diag_embed()));

    /// <summary>1 / (2η + n − 1) under the diagonal, by the rows' uniform directions.</summary>
    public override Tensor Variance => Spread(this.Precisely(lkj =>
    {
        // b / c − (E Lᵢᵢ)² in cells of the diagonal, 1 / 2c in those under it; 0 in the first row's.
        var rows = lkj.Remaining.div(lkj.Shares.unsqueeze(-1)).mul(lkj.LogOfSquaredMeans.expm1()).neg();
        var diagonal = cat([zeros_like(rows.narrow(-1, 0, 1)), rows], -1);
        var under = lkj.Shares.mul(2).reciprocal().unsqueeze(-1).unsqueeze(-1).mul(ones([Dim, Dim], lkj.DType, Device).tril(-1));
        return diagonal.diag_embed().add(under);
    }));

    /// <inheritdoc/>
    protected override Tensor? ElementEntropy => this.Precisely(lkj =>
        // E log Lᵢᵢ = (ψ(b) − ψ(c)) / 2
        lkj.LogNormalizer.add(lkj.Powers.mul(Stirling.DigammaRising(lkj.Remaining, lkj.Halves)).sum(dim: -1).mul(0.5)));

    /// <summary>The unit matrix for η ≥ 1; NaN below, where the density has no maximum.</summary>
    protected override Tensor? ElementMode
    {
        get
        {
            var unit = eye(Dim, dtype: DType, device: Device);
            return where(Concentration.ge(1).unsqueeze(-1).unsqueeze(-1), unit, full_like(unit, double.NaN));
        }
    }

    // i − 1 = 1 … n − 1 for the rows after the first.
    private Tensor Rows => arange(1, Dim, dtype: DType, device: Device);

    // a = (i − 1)/2 of each row.
    private Tensor Halves => Rows.mul(0.5);

    // b = η + (n − i)/2 of each row.
    private Tensor Remaining => Concentration.unsqueeze(-1).add(Rows.neg().add(Dim - 1).mul(0.5));

    // c = a + b = η + (n − 1)/2 of every row.
    private Tensor Shares => Concentration.add(0.5 * (Dim - 1));

    // n − i + 2η − 2 of each row.
    private Tensor Powers => Remaining.mul(2).sub(2);

    // Row by row, log of πᵃ Γ(b)/Γ(b + a): the ball that the row lies in, with the weight of what is left of its length.
    private Tensor LogNormalizer => Halves.mul(Math.Log(Math.PI)).sub(Stirling.LogRising(Remaining, Halves)).sum(dim: -1);

    // log E Lᵢᵢ of the rows after the first.
    private Tensor MeanLogs
    {
        get
        {
            var half = full_like(Halves, 0.5);
            return Stirling.LogRising(Remaining, half).sub(Stirling.LogRising(Shares.unsqueeze(-1), half));
        }
    }

    // log (E Lᵢᵢ)² c/b of the rows after the first: f(b) − f(c) with f(x) = 2 log Γ(x + ½)/Γ(x) − log x, for large x by its series
    // −1/4x + 1/96x³ − 1/320x⁵ (Abramowitz and Stegun 1964, 6.1.41) with 1/b − 1/c = a/bc taken out.
    private Tensor LogOfSquaredMeans
    {
        get
        {
            var (b, c) = (Remaining, Shares.unsqueeze(-1));
            var large = b.ge(SeriesFrom);
            var (small, half) = (b.masked_fill(large, 1), full_like(b, 0.5));
            var (u, v) = (b.clamp_min(SeriesFrom).reciprocal(), c.clamp_min(SeriesFrom).reciprocal());
            var (square, product) = (u.square().add(v.square()), u.mul(v));
            var series = square.add(product).div(96).sub(square.mul(square.add(product)).sub(product.square()).div(320)).sub(0.25).mul(product).mul(Halves);
            var direct = Stirling.LogRising(small, half).sub(Stirling.LogRising(small.add(Halves), half)).mul(2).sub(small.log()).add(small.add(Halves).log());
            return where(large, series, direct);
        }
    }

    /// <inheritdoc/>
    protected override ScaledTensor LogDensity(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return this.Precisely(value, (lkj, root) =>
        {
            var diagonal = root.diagonal(0, -2, -1).narrow(-1, 1, Dim - 1);
            if (Extremes.Greatest(lkj.Concentration) <= Stirling.Everyday)
            {
                return xlogy(lkj.Powers, diagonal).sum(dim: -1).sub(lkj.LogNormalizer);
            }

            // Next to 1 a diagonal number is rounded where the row's others, which it completes to length 1, are not.
            var length = root.tril(-1).square().sum(dim: -1).narrow(-1, 1, Dim - 1);
            var near = length.lt(0.5);
            var log = where(near, length.masked_fill(near.logical_not(), 0).neg().log1p().mul(0.5), diagonal.masked_fill(near, 1).log());
            return lkj.Powers.mul(log).sum(dim: -1).sub(lkj.LogNormalizer);
        });
    }

    /// <inheritdoc/>
    protected override Tensor Draw(Shape shape, Generator generator)
    {
        var rows = shape[..^2] + [Dim - 1];
        var logit = Extremes.Greatest(Concentration) <= Stirling.Everyday ? Logit(this) : this.Precisely(Logit);
        var length = logit.log_sigmoid().mul(0.5).exp();
        var diagonal = logit.neg().log_sigmoid().mul(0.5).exp().KeptPositive();
        var normal = randn((rows + [Dim]).ToArray(), DType, Device, generator: generator).tril(0);
        var direction = normal.div(normal.square().sum(dim: -1, keepdim: true).sqrt().clamp_min(finfo(DType).tiny));
        var first = zeros((shape[..^2] + [1, Dim]).ToArray(), DType, Device);
        return cat([first, direction.mul(length.unsqueeze(-1))], -2).add(WithFirstRow(diagonal).diag_embed());

        Tensor Logit(LKJCholesky lkj) => StandardGamma.LogDraw(lkj.Halves, rows, generator).sub(StandardGamma.LogDraw(lkj.Remaining, rows, generator));
    }

    private static Shape ElementShape(long dim) => dim >= 2
        ? [dim, dim]
        : throw new ArgumentOutOfRangeException(nameof(dim), $"LKJCholesky: dim must be a whole number ≥ 2; received {dim}.");

    // The first row's number: its diagonal element is always 1.
    private static Tensor WithFirstRow(Tensor others) => cat([ones([.. others.shape[..^1], 1], others.dtype, others.device), others], -1);
}
