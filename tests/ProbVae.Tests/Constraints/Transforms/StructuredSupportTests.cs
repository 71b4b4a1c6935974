using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints.Transforms;

/// <summary>Supports over vectors and matrices, and the map onto each support from unconstrained space.</summary>
public sealed class StructuredSupportTests
{
    private static readonly RandomKey Key = new(8);

    private static readonly Dictionary<string, (Support Support, Shape Element)> ByName = new()
    {
        ["real"] = (Support.Real, [1]),
        ["positive"] = (Support.Positive, [1]),
        ["non-negative"] = (Support.NonNegative, [1]),
        ["unit"] = (Support.UnitInterval, [1]),
        ["open unit"] = (Support.OpenUnitInterval, [1]),
        ["2 to 5"] = (new Interval(2, 5), [1]),
        ["narrow"] = (new Interval(0.1, 0.1000001), [1]),
        ["above 1e6"] = (new Interval(1e6, double.PositiveInfinity, lowerIncluded: false), [1]),
        ["below -1e6"] = (new Interval(double.NegativeInfinity, -1e6, upperIncluded: false), [1]),
        ["by element"] = (new Interval(tensor([0f, 1f]), tensor([1f, 2f])), [2]),
        ["circular"] = (Support.Circular, [1]),
        ["simplex"] = (Support.Simplex, [4]),
        ["ordered"] = (Support.OrderedVector, [4]),
        ["lower Cholesky"] = (Support.LowerCholesky, [3, 3]),
        ["correlation Cholesky"] = (Support.CorrelationCholesky, [4, 4]),
        ["positive definite"] = (Support.PositiveDefinite, [3, 3]),
        ["vector"] = (Support.RealVector, [3]),
        ["positive matrix"] = (new IndependentSupport(Support.Positive, 2), [2, 2]),
        ["simplexes"] = (new IndependentSupport(Support.Simplex, 1), [2, 3]),
    };

    public static TheoryData<string> Names => [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_continuous_support_is_reached_from_unconstrained_space(string name)
    {
        var (support, element) = ByName[name];
        var transform = support.FromUnconstrained!;
        using var generator = Key.NewGenerator();
        var free = randn(transform.InverseShape([1000, .. element]).ToArray(), ScalarType.Float64, generator: generator).mul(3);
        Assert.True(support.ContainsAll(transform.Forward(free)));
        Assert.Equal(support.EventRank, transform.Codomain.EventRank);
        // A positive definite matrix of Normal(0, 3)² numbers is singular to float32 now and then.
        if (support is not PositiveDefinite)
        {
            Assert.True(support.ContainsAll(transform.Forward(free.to(ScalarType.Float32))));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_support_covers_itself_and_its_own_map_lands_in_it(string name)
    {
        var (support, _) = ByName[name];
        Assert.True(support.Covers(support));
        Assert.True(support.Covers(support.FromUnconstrained!.Codomain));
    }

    [Fact]
    public void Discrete_supports_and_points_have_no_such_map()
    {
        Assert.Null(Support.Boolean.FromUnconstrained);
        Assert.Null(Support.NonNegativeIntegers.FromUnconstrained);
        Assert.Null(new IntegerRange(0, 3).FromUnconstrained);
        Assert.Null(new Point(tensor(1f)).FromUnconstrained);
        Assert.Null(new IndependentSupport(Support.Boolean, 1).FromUnconstrained);
    }

    [Fact]
    public void Non_negative_integers_are_open_above()
    {
        Assert.Equal([true, true, false, false, false, false],
            Support.NonNegativeIntegers.Contains(tensor([0.0, 1e9, -1, 0.5, double.NaN, double.PositiveInfinity])).data<bool>().ToArray());
        Assert.Equal([true, false], Support.NonNegativeIntegers.Contains(tensor([3L, -1L])).data<bool>().ToArray());
        Assert.True(Support.NonNegativeIntegers.IsDiscrete);
        Assert.True(Support.NonNegativeIntegers.Covers(new IntegerRange(0, 7)));
        Assert.True(Support.NonNegativeIntegers.Covers(new IntegersFrom(2)));
        Assert.False(new IntegersFrom(2).Covers(Support.NonNegativeIntegers));
        Assert.False(Support.NonNegativeIntegers.Covers(Support.NonNegative));
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e-5)]
    [InlineData(ScalarType.Float32, 1e-3)]
    public void A_simplex_takes_sums_that_rounding_explains(ScalarType dtype, double error)
    {
        var exact = tensor(new[] { 0.2, 0.3, 0.5 }, dtype);
        Assert.True(Support.Simplex.ContainsAll(exact));
        Assert.True(Support.Simplex.ContainsAll(exact.mul(1 + error / 20)));
        Assert.False(Support.Simplex.ContainsAll(exact.mul(1 + error)));
    }

    [Fact]
    public void Ordered_vectors_may_tie_and_must_not_fall()
    {
        var vectors = tensor(new[,] { { 0.0, 1, 2 }, { 0, 0, 1 }, { 0, 2, 1 }, { 0, double.NaN, 1 }, { 0, 1, double.PositiveInfinity } });
        Assert.Equal([true, true, false, false, false], Support.OrderedVector.Contains(vectors).data<bool>().ToArray());
    }

    [Fact]
    public void Cholesky_factors_are_lower_triangular_with_a_positive_diagonal()
    {
        var matrices = stack([Matrix(1, 0, 5, 2), Matrix(1, 1e-9, 5, 2), Matrix(1, 0, 5, 0), Matrix(1, 0, double.NaN, 2)]);
        Assert.Equal([true, false, false, false], Support.LowerCholesky.Contains(matrices).data<bool>().ToArray());
        Assert.Equal([false, false], Support.LowerCholesky.Contains(zeros(2, 3, 2)).data<bool>().ToArray());
    }

    [Fact]
    public void Correlation_factors_have_rows_of_length_1()
    {
        var matrices = stack([Matrix(1, 0, 0.6, 0.8), Matrix(1, 0, 0.6, 0.81), Matrix(1, 0, 0.6, -0.8)]);
        Assert.Equal([true, false, false], Support.CorrelationCholesky.Contains(matrices).data<bool>().ToArray());
        Assert.False(Support.LowerCholesky.Covers(Support.CorrelationCholesky));
        Assert.False(Support.CorrelationCholesky.Covers(Support.LowerCholesky));
    }

    [Fact]
    public void Positive_definite_matrices_are_symmetric_with_positive_eigenvalues()
    {
        var matrices = stack([Matrix(2, 1, 1, 2), Matrix(2, 1, 1.01, 2), Matrix(1, 2, 2, 1), Matrix(1, 1, 1, 1).sub(1e-3), Matrix(double.NaN, 0, 0, 1), Matrix(2, 1, 1.0000001, 2)]);
        Assert.Equal([true, false, false, false, false, true], Support.PositiveDefinite.Contains(matrices).data<bool>().ToArray());
        Assert.False(Support.PositiveDefinite.ContainsAll(ones(2, 3)));
    }

    [Fact]
    public void Angles_end_at_pi()
    {
        Assert.True(Support.Circular.ContainsAll(tensor([-3.14f, 0, MathF.PI])));
        Assert.False(Support.Circular.ContainsAll(tensor([3.15f])));
        Assert.True(Support.Circular.Covers(new Interval(-1, 1)));
        Assert.True(Support.Real.Covers(Support.Circular));
        Assert.True(new Interval(-4, 4).Covers(Support.Circular));
        Assert.False(Support.Positive.Covers(Support.Circular));
    }

    [Fact]
    public void Independent_supports_judge_whole_arrays()
    {
        var positive = new IndependentSupport(Support.Positive, 1);
        Assert.Equal([true, false], positive.Contains(tensor(new[,] { { 1.0, 2 }, { 1, -2 } })).data<bool>().ToArray());
        Assert.True(Support.RealVector.Covers(positive));
        Assert.False(Support.RealVector.Covers(Support.Simplex));
        Assert.False(positive.Covers(Support.RealVector));
        Assert.False(Support.RealVector.Covers(Support.Real));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IndependentSupport(Support.Real, 0));
    }

    [Fact]
    public void An_element_outside_is_shown_with_its_place()
    {
        var matrices = stack([Matrix(2, 1, 1, 2), Matrix(1, 2, 2, 1)]);
        Assert.Equal("received [[1, 2], [2, 1]] at (1) of shape (2, 2, 2)", Argument.FirstOutside(matrices, Support.PositiveDefinite));
        var problem = Argument.FirstOutside(tensor(new[] { 0.5, 0.75 }), Support.Simplex);
        Assert.Equal("received [0.5, 0.75] with the sum 1.25", problem);
        Assert.Equal("received [3, 2, 1]", Argument.FirstOutside(tensor(new[] { 3.0, 2, 1 }), Support.OrderedVector));
    }

    [Theory]
    [InlineData("simplex", "a vector of numbers ≥ 0 that sum to 1")]
    [InlineData("ordered", "a vector of real numbers in increasing order")]
    [InlineData("lower Cholesky", "a lower triangular matrix with a diagonal > 0")]
    [InlineData("correlation Cholesky", "a lower triangular matrix with a diagonal > 0 and rows of length 1")]
    [InlineData("positive definite", "a symmetric positive definite matrix")]
    [InlineData("circular", "an angle in (−π, π]")]
    [InlineData("vector", "a vector whose every element is a real number")]
    public void A_structured_support_names_itself(string name, string expected) => Assert.Equal(expected, ByName[name].Support.ToString());

    private static Tensor Matrix(double a, double b, double c, double d) => tensor(new[,] { { a, b }, { c, d } });
}
