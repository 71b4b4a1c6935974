using static TorchSharp.torch;

namespace ProbVae.Training.Tests;

public sealed class PrincipalComponentsTests
{
    [Fact]
    public void TheAxesOfAnEllipseAreFound()
    {
        // Points at ±(2, 2, 0), ±(1, −1, 0) and ±(0, 0, 0.5) around (5, 6, 7): variances 16, 4 and 0.5 along their directions.
        double[] codes = [7, 8, 7, 3, 4, 7, 6, 5, 7, 4, 7, 7, 5, 6, 7.5, 5, 6, 6.5];
        var (points, first, second) = Components(codes, 3);
        Assert.Equal([Math.Sqrt(8), Math.Sqrt(8), 0, 0, 0, 0], points.Select(point => Math.Abs(point.X)), Near);
        Assert.Equal([0, 0, Math.Sqrt(2), Math.Sqrt(2), 0, 0], points.Select(point => Math.Abs(point.Y)), Near);
        Assert.Equal([16 / 20.5, 4 / 20.5], [first, second], Near);
    }

    [Fact]
    public void CodesThatAreAllAlikeLieInOnePoint()
    {
        var (points, first, second) = Components([1, 2, 1, 2, 1, 2], 2);
        Assert.All(points, point => Assert.Equal((0.0, 0.0), point));
        Assert.Equal((0, 0), (first, second));
    }

    [Fact]
    public void OneNumberHasNoSecondDirection()
    {
        var (points, first, second) = Components([1, 4, 1], 1);
        Assert.Equal([1, 2, 1], points.Select(point => Math.Abs(point.X)), Near);
        Assert.All(points, point => Assert.Equal(0, point.Y));
        Assert.Equal((1, 0), (first, second));
    }

    private static (IReadOnlyList<(double X, double Y)> Points, double FirstShare, double SecondShare) Components(double[] means, int numbers)
    {
        using var codes = new LatentCodes(tensor(means).reshape(-1, numbers), ones(1), ones(1), 0, AreNormal: false);
        return codes.PrincipalComponents();
    }

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-3;
}
