using System.Collections.Immutable;
namespace ProbVae;

/// <summary>
/// The Gauss-Legendre rule of forty nodes on [0, 1] (Golub and Welsch 1969): exact for polynomials up to degree 79, and to float64's
/// rounding for e^(−f) where a smooth f moves by up to 40.
/// </summary>
internal static class GaussLegendre
{
    private const int Count = 40;

    private static readonly ImmutableArray<(double Root, double Slope)> Roots =
        [.. Enumerable.Range(0, Count).Select(i => Root(Math.Cos(Math.PI * (i + 0.75) / (Count + 0.5))))];

    public static ImmutableArray<double> Nodes { get; } = [.. Roots.Select(each => (1 - each.Root) / 2)];

    public static ImmutableArray<double> Weights { get; } = [.. Roots.Select(each => 1 / ((1 - (each.Root * each.Root)) * each.Slope * each.Slope))];

    // Newton's iteration to a root of the Legendre polynomial, and the polynomial's slope there.
    private static (double Root, double Slope) Root(double x)
    {
        var slope = 0.0;
        for (var step = 0; step < 10; step++)
        {
            var (before, last) = (1.0, x);
            for (var n = 2; n <= Count; n++)
            {
                (before, last) = (last, ((2 * n - 1) * x * last - (n - 1) * before) / n);
            }

            slope = Count * (x * last - before) / (x * x - 1);
            x -= last / slope;
        }

        return (x, slope);
    }
}
