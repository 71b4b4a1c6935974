using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Values;

/// <summary>What is read from memory is what torch says of the same elements.</summary>
public sealed class HostNumbersTests
{
    private static readonly double[] Special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -1, -0.0, 0.5, 1.0000001, 1e9, -7.5, 2];

    /// <summary>Lengths around the 8 and 16 numbers of a vector.</summary>
    public static TheoryData<int, ScalarType> Lengths { get; } = new(
        from length in new[] { 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 100 }
        from type in new[] { ScalarType.Float32, ScalarType.Float64 }
        select (length, type));

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Least_and_greatest_are_those_of_torch(int length, ScalarType type) => ForEachPlace(length, type, value =>
    {
        var (least, greatest) = value.aminmax();
        Assert.Equal((least.ToDouble(), greatest.ToDouble()), HostNumbers.Range(value)!.Value);
    });

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Supports_hold_all_elements_where_they_hold_each(int length, ScalarType type) => ForEachPlace(length, type, value =>
    {
        Assert.Equal(value.isfinite().logical_and(value.eq(value.floor())).all().ToBoolean(), HostNumbers.AreWhole(value));
        foreach (var support in new[] { Support.Boolean, Support.Real, Support.Positive, Support.UnitInterval, Support.NonNegativeIntegers, new IntegerRange(-3, 3), new IntegersFrom(1) })
        {
            Assert.Equal(support.Contains(value).all().ToBoolean(), support.ContainsAll(value));
        }
    });

    [Fact]
    public void What_does_not_lie_side_by_side_is_left_to_torch()
    {
        using var scope = NewDisposeScope();
        Assert.Null(HostNumbers.Range(zeros(3, 4).t()));
        Assert.Null(HostNumbers.AreWhole(zeros(3, 1).expand(3, 4)));
        Assert.Null(HostNumbers.Range(zeros(0)));
        Assert.Null(HostNumbers.Range(zeros(3, ScalarType.Int64)));
        Assert.True(Support.Boolean.ContainsAll(zeros(3, 4).t()));
        Assert.False(Support.Boolean.ContainsAll(full(3, 4, 0.5).t()));
    }

    [Fact]
    public void A_bound_is_rounded_as_the_elements_are()
    {
        // float32 has no 16,777,217: torch holds elements against 16,777,216.
        using var scope = NewDisposeScope();
        var value = full(3, 16_777_216, ScalarType.Float32);
        Assert.Equal(new IntegersFrom(16_777_217).Contains(value).all().ToBoolean(), new IntegersFrom(16_777_217).ContainsAll(value));
        Assert.False(new IntegersFrom(16_777_217).ContainsAll(value.to(ScalarType.Float64)));
    }

    // Zeros and ones, and at each place in turn each special number.
    private static void ForEachPlace(int length, ScalarType type, Action<Tensor> check)
    {
        using var scope = NewDisposeScope();
        check(arange(length).remainder(2).to(type));
        foreach (var special in Special)
        {
            for (var place = 0; place < length; place++)
            {
                using var each = NewDisposeScope();
                var value = arange(length).remainder(2).to(type);
                value[place] = special;
                check(value);
            }
        }
    }
}
