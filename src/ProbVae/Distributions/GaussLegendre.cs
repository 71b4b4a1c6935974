using System.Collections.Immutable;
namespace ProbVae;

/// <summary>
/// The Gauss-Legendre rules on [0, 1] (Golub and Welsch 1969): of forty nodes, exact for polynomials up to degree 79, and to float64's
/// rounding for e^(−f) where a smooth f moves by up to 40; and of sixteen, which keep seven digits where it moves by up to 28.
/// </summary>
internal static class GaussLegendre
{
    private static readonly ImmutableArray<(double Root, double Slope)> Many = Roots(40);
    private static readonly ImmutableArray<(double Root, double Slope)> Few = Roots(16);

    public static ImmutableArray<double> Nodes { get; } = NodesOf(Many);

    public static ImmutableArray<double> Weights { get; } = WeightsOf(Many);

    public static ImmutableArray<double> FewNodes { get; } = NodesOf(Few);

    public static ImmutableArray<double> FewWeights { get; } = WeightsOf(Few);

    private static ImmutableArray<double> NodesOf(ImmutableArray<(double Root, double Slope)> roots) => [.. roots.Select(each => (1 - each.Root) / 2)];

    private static ImmutableArray<double> WeightsOf(ImmutableArray<(double Root, double Slope)> roots) =>
        [.. roots.Select(each => 1 / ((1 - (each.Root * each.Root)) * each.Slope * each.Slope))];

    private static ImmutableArray<(double Root, double Slope)> Roots(int count) =>
        [.. Enumerable.Range(0, count).Select(i => Root(count, Math.Cos(Math.PI * (i + 0.75) / (count + 0.5))))];

    // Newton's iteration to a root of the Legendre polynomial of a degree, and the polynomial's slope there.
    private static (double Root, double Slope) Root(int count, double x)
    {
        var slope = 0.0;
        for (var step = 0; step < 10; step++)
        {
            var (before, last) = (1.0, x);
            for (var n = 2; n <= count; n++)
            {
                (before, last) = (last, ((2 * n - 1) * x * last - (n - 1) * before) / n);
            }

            slope = count * (x * last - before) / (x * x - 1);
            x -= last / slope;
        }

        return (x, slope);
    }
}
