using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>The ends of a tensor's range, by which a family chooses between two formulas.</summary>
public sealed class ExtremesOfATensorTests
{
    /// <summary>A few numbers are read on the host, many by torch.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(100_000)]
    public void TheyAreTheLeastTheGreatestAndTheFarthestFrom0(int count)
    {
        var numbers = zeros(count, ScalarType.Float64);
        numbers[0] = -7;
        numbers[count - 1] = 5;
        Assert.Equal((-7.0, 5.0, 7.0), (Extremes.Least(numbers), Extremes.Greatest(numbers), Extremes.Reach(numbers)));
        Assert.Equal(7.0, Extremes.Reach(numbers.neg()));
    }

    [Fact]
    public void OfNothingTheyLetEveryBoundHold()
    {
        var none = zeros(0);
        Assert.Equal((double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity), (Extremes.Least(none), Extremes.Greatest(none), Extremes.Reach(none)));
    }
}
