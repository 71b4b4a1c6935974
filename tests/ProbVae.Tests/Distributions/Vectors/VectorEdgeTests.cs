using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Vectors and matrices at the ends of their ranges, and arguments outside them.</summary>
public sealed class VectorEdgeTests
{
    private static readonly RandomKey Key = new(99);

    /// <summary>Means within five standard errors at n = 20,000: a false alarm in 1.7 million.</summary>
    [Fact]
    public void Dirichlet_of_small_concentrations_falls_to_a_vertex()
    {
        const int n = 20_000;
        var concentration = tensor([0.01f, 0.01f, 0.02f], requires_grad: true);
        var dirichlet = new Dirichlet(concentration);
        var draws = dirichlet.Sample(Key, n);
        Assert.True(Support.Simplex.ContainsAll(draws));
        Assert.True(dirichlet.LogProb(draws).isfinite().all().ToBoolean());
        var error = draws.mean([0]).sub(tensor([0.25f, 0.25f, 0.5f])).abs().max().item<float>();
        Assert.True(error < 5 * 0.5 / Math.Sqrt(n), $"mean off by {error}");
        Assert.True(draws.amax([-1]).gt(0.99).to(ScalarType.Float32).mean().item<float>() > 0.85);
        draws.square().sum().backward();
        Assert.True(concentration.grad!.isfinite().all().ToBoolean());
    }

    [Fact]
    public void Dirichlet_on_the_border_of_the_simplex()
    {
        var border = tensor([0.0, 0.25, 0.75]);
        Assert.Equal(Math.Log(2), new Dirichlet(new[] { 1.0, 1, 1 }).LogProb(border).ToDouble(), 1e-6);
        Assert.Equal(double.NegativeInfinity, new Dirichlet(new[] { 2.0, 1, 1 }).LogProb(border).ToDouble());
        Assert.Equal(double.PositiveInfinity, new Dirichlet(new[] { 0.5, 1, 1 }).LogProb(border).ToDouble());
        Assert.True(new Dirichlet(new[] { 0.5, 2, 2 }).Mode.isnan().all().ToBoolean());
    }

    [Theory]
    [InlineData("covariance")]
    [InlineData("precision")]
    [InlineData("scaleTril")]
    public void Normal_vectors_of_512_dimensions_are_exact_in_float32(string by)
    {
        const int size = 512;
        using var scope = NewDisposeScope();
        // Correlations 0.9^|i − j|: a condition number of 361.
        var index = arange(size, dtype: ScalarType.Float64);
        var covariance = index.unsqueeze(-1).sub(index).abs().mul(Math.Log(0.9)).exp();
        var argument = by switch { "covariance" => covariance, "precision" => linalg.inv(covariance), _ => linalg.cholesky(covariance) };
        argument = by == "precision" ? argument.add(argument.transpose(0, 1)).div(2) : argument;
        var (exact, loc) = (Of(zeros(size, ScalarType.Float64), argument), zeros(size, requires_grad: true));
        var matrix = argument.to(ScalarType.Float32).requires_grad_();
        var normal = Of(loc, matrix);

        var draws = normal.Sample(Key, 200);
        var scores = normal.LogProb(draws.detach());
        var right = exact.LogProb(draws.detach().to(ScalarType.Float64));
        Assert.True(scores.to(ScalarType.Float64).sub(right).abs().div(right.abs()).max().item<double>() < 1e-4);
        // Neighbours' correlation over 200 · 511 dependent pairs.
        Assert.Equal(0.9, draws.detach().narrow(-1, 1, size - 1).mul(draws.detach().narrow(-1, 0, size - 1)).mean().item<float>(), 0.05);
        scores.sum().add(draws.square().sum()).backward();
        Assert.True(loc.grad!.isfinite().all().ToBoolean());
        Assert.True(matrix.grad!.isfinite().all().ToBoolean());

        Distribution Of(Tensor mean, Tensor value) => by switch
        {
            "covariance" => MultivariateNormal.FromCovariance(mean, value),
            "precision" => MultivariateNormal.FromPrecision(mean, value),
            _ => MultivariateNormal.FromScaleTril(mean, value),
        };
    }

    [Fact]
    public void Parametrizations_of_a_normal_vector_agree()
    {
        using var scope = NewDisposeScope();
        var loc = tensor([1.0, -2, 0.5]);
        var root = tensor(new[,] { { 1.5, 0, 0 }, { -0.4, 0.8, 0 }, { 0.3, 0.6, 2 } });
        var covariance = root.matmul(root.transpose(0, 1));
        var normals = new[]
        {
            MultivariateNormal.FromScaleTril(loc, root), MultivariateNormal.FromCovariance(loc, covariance), MultivariateNormal.FromPrecision(loc, linalg.inv(covariance)),
        };
        foreach (var normal in normals)
        {
            Close(root, normal.ScaleTril);
            Close(covariance, normal.Covariance);
            Close(linalg.inv(covariance), normal.Precision);
            Close(normals[0].Sample(Key, 5), normal.Sample(Key, 5));
        }
    }

    [Fact]
    public void A_low_rank_normal_is_the_normal_of_its_covariance()
    {
        using var scope = NewDisposeScope();
        var (loc, factor, diagonal) = (randn([40], ScalarType.Float64), randn([40, 3], ScalarType.Float64), rand([40], ScalarType.Float64).add(1e-4));
        var low = new LowRankMultivariateNormal(loc, factor, diagonal);
        var full = MultivariateNormal.FromCovariance(loc, low.Covariance);
        var values = full.Sample(Key, 7);
        Close(full.LogProb(values), low.LogProb(values));
        Close(full.Variance, low.Variance);
        Close(full.Entropy, low.Entropy);
        // W Wᵀ + diag(d) of each element of a batch, by a sum over the directions.
        var (factors, diagonals) = (randn([5, 4, 2], ScalarType.Float64), rand([5, 4], ScalarType.Float64).add(0.1));
        var sums = factors.unsqueeze(-2).mul(factors.unsqueeze(-3)).sum(-1).add(diagonals.diag_embed());
        Close(sums, new LowRankMultivariateNormal(zeros(4, ScalarType.Float64), factors, diagonals).Covariance);
        // In float32 a small diagonal makes Woodbury's difference cancel; its sum of squares does not.
        var single = new LowRankMultivariateNormal(loc.to(ScalarType.Float32), factor.to(ScalarType.Float32).mul(30), diagonal.to(ScalarType.Float32));
        var exact = new LowRankMultivariateNormal(loc, factor.mul(30), diagonal);
        var draws = single.Sample(Key, 50);
        var (near, right) = (single.LogProb(draws).to(ScalarType.Float64), exact.LogProb(draws.to(ScalarType.Float64)));
        Assert.True(near.sub(right).abs().div(right.abs().clamp_min(1)).max().item<double>() < 5e-2);
    }

    [Theory]
    [InlineData(2, 1.05)]
    [InlineData(3, 2.01)]
    [InlineData(8, 7.1)]
    [InlineData(8, 30)]
    public void Wishart_draws_are_positive_definite_in_float32(int size, double df)
    {
        var index = arange(size, dtype: ScalarType.Float32);
        var scale = index.unsqueeze(-1).sub(index).abs().mul(Math.Log(0.8)).exp();
        var degrees = tensor((float)df, requires_grad: true);
        var wishart = Wishart.FromCovariance(degrees, scale);
        var draws = wishart.Sample(Key, 20_000);
        Assert.True(Support.PositiveDefinite.ContainsAll(draws.detach()));
        Assert.True(wishart.LogProb(draws.detach()).isfinite().all().ToBoolean());
        draws.sum().backward();
        Assert.True(degrees.grad!.isfinite().item<bool>());
    }

    [Fact]
    public void Correlation_factors_of_a_small_concentration_keep_to_their_set()
    {
        var lkj = new LKJCholesky(5, 0.01);
        var draws = lkj.Sample(Key, 20_000);
        Assert.True(Support.CorrelationCholesky.ContainsAll(draws));
        Assert.True(lkj.LogProb(draws).isfinite().all().ToBoolean());
    }

    /// <summary>The correlations' variance 1 / (2η + n − 1) for every pair (Lewandowski, Kurowicka and Joe 2009), within five standard errors.</summary>
    [Fact]
    public void Every_correlation_has_the_same_distribution()
    {
        const int n = 40_000;
        var factors = new LKJCholesky(5, tensor(1.5)).Sample(Key, n);
        var squares = factors.matmul(factors.transpose(-2, -1)).square();
        var (mean, error) = (squares.mean([0]), squares.var(0L).div(n).sqrt());
        var excess = mean.sub(1 / (2 * 1.5 + 4)).abs().sub(error.mul(5)).tril(-1).max().item<double>();
        Assert.True(excess <= 0, $"{excess}");
    }

    [Fact]
    public void Matrices_outside_their_range_are_refused()
    {
        var indefinite = tensor(new[,] { { 1.0, 2 }, { 2, 1 } });
        var skew = tensor(new[,] { { 1.0, 0.5 }, { -0.5, 1 } });
        var fine = eye(2, dtype: ScalarType.Float64);
        foreach (var matrix in new[] { indefinite, skew, fine.mul(double.NaN) })
        {
            var batch = stack([fine, matrix, fine]);
            Refused(() => MultivariateNormal.FromCovariance(zeros(2, ScalarType.Float64), batch).Sample(Key), "MultivariateNormal: covariance must be a symmetric positive definite matrix", "at (1) of shape (3, 2, 2)");
            Refused(() => MultivariateNormal.FromPrecision(zeros(2, ScalarType.Float64), batch).Sample(Key), "MultivariateNormal: precision must be", "at (1) of shape (3, 2, 2)");
            Refused(() => Wishart.FromCovariance(3, batch).Sample(Key), "Wishart: covariance must be", "at (1) of shape (3, 2, 2)");
        }

        Refused(() => MultivariateNormal.FromScaleTril(zeros(2, ScalarType.Float64), indefinite).Sample(Key), "MultivariateNormal: scaleTril must be a lower triangular matrix", "[[1, 2], [2, 1]]");
        Refused(() => MultivariateNormal.FromScaleTril(new[] { 0.0, 0 }, new[,] { { 1.0, 0 }, { 1, 0 } }), "MultivariateNormal: scaleTril must be", "[[1, 0], [1, 0]]");
        Refused(() => MultivariateNormal.FromScaleTril(tensor([0.0, double.NaN]), fine).Sample(Key), "MultivariateNormal: loc must be a real number", "NaN at (1) of shape (2)");
        Refused(() => new LowRankMultivariateNormal(zeros(2), ones(2, 1), tensor([1f, 0f])).Sample(Key), "LowRankMultivariateNormal: covDiag must be a real number > 0", "received 0 at (1)");
        Refused(() => new Dirichlet(new[] { 1.0, -2 }), "Dirichlet: concentration must be a real number > 0", "received -2 at (1) of shape (2)");
        Refused(() => Wishart.FromCovariance(1, fine).Sample(Key), "Wishart: df must be a real number in (1, ", "received 1");
        Refused(() => new LKJCholesky(3, 0), "LKJCholesky: concentration must be a real number > 0", "received 0");
        Refused(() => new LKJCholesky(1, 1), "LKJCholesky: dim must be a whole number ≥ 2", "received 1");
    }

    [Fact]
    public void Shapes_that_do_not_go_together_are_refused()
    {
        Refused(() => MultivariateNormal.FromCovariance(zeros(3), eye(2)), "MultivariateNormal: loc of shape (3) and covariance of shape (2, 2) do not go together", "");
        Refused(() => MultivariateNormal.FromCovariance(0, eye(2)), "MultivariateNormal: loc of shape ()", "");
        Refused(() => new LowRankMultivariateNormal(zeros(3), ones(2, 1), ones(3)), "LowRankMultivariateNormal: loc of shape (3), covFactor of shape (2, 1)", "");
        Refused(() => new LowRankMultivariateNormal(zeros(3), ones(3, 1), ones(2)), "LowRankMultivariateNormal: loc of shape (3)", "covDiag of shape (2) do not go together");
        Refused(() => new LowRankMultivariateNormal(0, ones(3, 1), ones(3)), "LowRankMultivariateNormal: loc of shape ()", "do not go together");
        Refused(() => new LowRankMultivariateNormal(zeros(3), ones(3), ones(3)), "LowRankMultivariateNormal: loc of shape (3), covFactor of shape (3)", "do not go together");
        Refused(() => new LowRankMultivariateNormal(zeros(3), ones(3, 1), 1), "LowRankMultivariateNormal: loc of shape (3)", "covDiag of shape () do not go together");
        Refused(() => Wishart.FromCovariance(3, ones(2, 3)), "Wishart: covariance of shape (2, 3) is no square matrix", "");
        Refused(() => new Dirichlet(1), "Dirichlet: concentration is a number", "");
    }

    private static void Refused(Func<object> use, string start, string part)
    {
        var error = Assert.ThrowsAny<ArgumentException>(use);
        Assert.StartsWith(start, error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static void Close(Tensor expected, Tensor actual) =>
        Assert.True(expected.sub(actual).abs().div(expected.abs().add(1)).max().item<double>() < 1e-9);
}
