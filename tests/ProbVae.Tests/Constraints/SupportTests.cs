using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints;

public sealed class SupportTests
{
    private const double Infinity = double.PositiveInfinity;

    private static readonly Dictionary<string, Support> ByName = new()
    {
        ["real"] = Support.Real,
        ["positive"] = Support.Positive,
        ["non-negative"] = Support.NonNegative,
        ["unit"] = Support.UnitInterval,
        ["open unit"] = Support.OpenUnitInterval,
        ["boolean"] = Support.Boolean,
        ["0 to 3"] = new IntegerRange(0, 3),
        ["2 to 5"] = new Interval(2, 5),
        ["below 5"] = new Interval(double.NegativeInfinity, 5),
        ["by element"] = new Interval(tensor([0f, 1f]), tensor([1f, 2f])),
        ["point 2"] = new Point(tensor(2f)),
    };

    [Theory]
    [InlineData("real", new[] { -1e30, 0, 1e30 }, new[] { double.NaN, Infinity, -Infinity })]
    [InlineData("positive", new[] { 1e-30, 5 }, new[] { 0, -1, double.NaN, Infinity })]
    [InlineData("non-negative", new[] { 0, 5.0 }, new[] { -1e-30, double.NaN, Infinity })]
    [InlineData("unit", new[] { 0, 0.5, 1 }, new[] { -0.001, 1.001, double.NaN, Infinity })]
    [InlineData("open unit", new[] { 1e-30, 0.5 }, new[] { 0, 1, double.NaN })]
    [InlineData("boolean", new[] { 0, 1.0 }, new[] { 0.5, -1, 2, 1e-30, 1.0000001, double.NaN, Infinity, -Infinity })]
    [InlineData("0 to 3", new[] { 0, 1, 3.0 }, new[] { -1, 4, 1.5, double.NaN, Infinity })]
    [InlineData("2 to 5", new[] { 2, 3.5, 5 }, new[] { 1.999, 5.001, double.NaN })]
    [InlineData("below 5", new[] { -1e30, 5 }, new[] { 5.001, -Infinity, double.NaN })]
    [InlineData("point 2", new[] { 2.0 }, new[] { 1.999, double.NaN })]
    public void A_support_tells_its_elements_one_by_one_and_all_at_once(string name, double[] inside, double[] outside)
    {
        var support = ByName[name];
        var within = tensor(inside, ScalarType.Float32);
        Assert.True(support.Contains(within).all().ToBoolean());
        Assert.True(support.ContainsAll(within));
        Assert.True(support.ContainsAll(within.repeat(2000)));
        foreach (var element in outside)
        {
            var value = cat([within, tensor(new[] { element }, ScalarType.Float32), within]);
            Assert.False(support.ContainsAll(value), $"{element} in {name}");
            Assert.False(support.ContainsAll(cat([within.repeat(2000), value])), $"{element} among many in {name}");
            Assert.Equal(1, support.Contains(value).logical_not().sum().item<long>());
        }
    }

    [Fact]
    public void Integers_and_booleans_are_taken_as_they_are()
    {
        Assert.True(Support.Boolean.ContainsAll(tensor([0L, 1L])));
        Assert.False(Support.Boolean.ContainsAll(tensor([0L, 2L])));
        Assert.True(new IntegerRange(0, 3).ContainsAll(tensor([0L, 3L])));
        Assert.False(new IntegerRange(0, 3).ContainsAll(tensor([0L, 4L])));
    }

    [Fact]
    public void Bounds_by_element_hold_for_each_element()
    {
        Assert.True(ByName["by element"].ContainsAll(tensor(new[,] { { 0f, 2f }, { 1f, 1f } })));
        Assert.Equal(new[] { true, false }, ByName["by element"].Contains(tensor([0.5f, 0.5f])).data<bool>().ToArray());
        Assert.False(ByName["by element"].ContainsAll(tensor([float.NaN, 1f])));
    }

    [Fact]
    public void Bounds_are_compared_in_the_values_own_type()
    {
        Assert.True(new Interval(0.1, 0.7).ContainsAll(tensor([0.1f, 0.7f])));
        Assert.True(new Interval(0.1, 0.7).Contains(tensor([0.1f, 0.7f])).all().ToBoolean());
    }

    [Theory]
    [InlineData("real", "positive", true)]
    [InlineData("positive", "real", false)]
    [InlineData("positive", "non-negative", true)]
    [InlineData("unit", "open unit", true)]
    [InlineData("open unit", "by element", false)]
    [InlineData("by element", "by element", true)]
    [InlineData("by element", "unit", false)]
    [InlineData("real", "by element", true)]
    [InlineData("2 to 5", "by element", false)]
    [InlineData("real", "boolean", false)]
    [InlineData("0 to 3", "boolean", true)]
    [InlineData("boolean", "0 to 3", false)]
    [InlineData("positive", "point 2", true)]
    [InlineData("unit", "point 2", false)]
    [InlineData("0 to 3", "point 2", true)]
    [InlineData("point 2", "point 2", true)]
    [InlineData("point 2", "positive", false)]
    public void A_support_covers_what_lies_inside(string outer, string inner, bool expected) =>
        Assert.Equal(expected, ByName[outer].Covers(ByName[inner]));

    [Fact]
    public void A_set_of_fewer_dimensions_is_not_covered_by_the_space_around_it()
    {
        Assert.False(Support.RealVector.Covers(Support.Simplex));
        Assert.False(new IndependentSupport(Support.Real, 2).Covers(Support.PositiveDefinite));
        Assert.False(Support.LowerCholesky.Covers(Support.CorrelationCholesky));
        Assert.True(Support.RealVector.Covers(Support.OrderedVector));
    }

    [Fact]
    public void A_support_of_numbers_covers_arrays_of_its_numbers()
    {
        Assert.True(Support.Real.Covers(Support.RealVector));
        Assert.True(Support.Real.Covers(new IndependentSupport(Support.Positive, 2)));
        Assert.False(Support.Positive.Covers(Support.RealVector));
        Assert.False(Support.Real.Covers(new IndependentSupport(Support.Boolean, 1)));
        // A density over the simplex is one over a surface, and none over vectors.
        Assert.False(Support.Real.Covers(Support.Simplex));
        Assert.False(Support.Real.Covers(Support.LowerCholesky));
    }

    [Fact]
    public void A_point_on_an_open_end_is_not_covered()
    {
        Assert.False(Support.Positive.Covers(new Point(tensor(0f))));
        Assert.True(Support.NonNegative.Covers(new Point(tensor(0f))));
    }

    [Fact]
    public void Vectors_are_judged_whole()
    {
        var probs = tensor(new[,] { { 0.5, 0.5 }, { 0.5, 0.6 }, { 1.5, -0.5 }, { double.NaN, 1 } });
        Assert.Equal(new[] { true, false, false, false }, Support.Simplex.Contains(probs).data<bool>().ToArray());
        var logits = tensor(new[,] { { 0, double.NegativeInfinity }, { double.NegativeInfinity, double.NegativeInfinity }, { 0, double.NaN }, { 0, Infinity } });
        Assert.Equal(new[] { true, false, false, false }, Support.LogWeights.Contains(logits).data<bool>().ToArray());
    }

    [Theory]
    [InlineData("real", "a real number")]
    [InlineData("positive", "a real number > 0")]
    [InlineData("non-negative", "a real number ≥ 0")]
    [InlineData("unit", "a real number in [0, 1]")]
    [InlineData("open unit", "a real number in (0, 1)")]
    [InlineData("boolean", "0 or 1")]
    [InlineData("0 to 3", "a whole number from 0 to 3")]
    [InlineData("by element", "in the interval from low to high")]
    [InlineData("point 2", "2")]
    public void A_support_names_itself(string name, string expected) => Assert.Equal(expected, ByName[name].ToString());

    [Fact]
    public void BoundsThatDifferByElementBoundTheMapElementByElement()
    {
        var support = new Interval(tensor(new[] { 1.0, 30.0 }), tensor(new[] { Infinity, Infinity }));
        var image = support.FromUnconstrained!.Forward(tensor(new[] { 0.0, 0.0 }));
        Assert.Equal([2, 31], image.data<double>().ToArray());
    }

    [Fact]
    public void BoundsThatAreInfiniteForSomeElementsAloneHaveNoMap() =>
        Assert.Null(new Interval(tensor(new[] { 1.0, double.NegativeInfinity }), tensor(new[] { Infinity, Infinity })).FromUnconstrained);
}
