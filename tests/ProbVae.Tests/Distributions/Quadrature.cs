using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>
/// Nodes and weights for sums or integrals over a support: every number of a discrete support; on an interval the trapezoid rule
/// after a change of variable (sinh, exp or logistic) whose error is below 1e-7 for the families' densities.
/// </summary>
internal sealed record Quadrature(Tensor Nodes, Tensor Weights)
{
    private const int Points = 20_001;

    /// <summary>For a distribution of one element in float64.</summary>
    public static Quadrature Over(Distribution distribution) => distribution.Support switch
    {
        IntegerRange range => Counting(arange(range.Lower, range.Upper + 1, dtype: ScalarType.Float64)),
        IntegersFrom integers => Counting(arange(integers.Lower, Farthest(distribution), dtype: ScalarType.Float64)),
        Circular => Continuous(new Interval(-Math.PI, Math.PI), double.NaN, double.NaN),
        Point point => Counting(point.Value.reshape(1)),
        Interval interval => double.IsFinite(interval.Lower) && double.IsFinite(interval.Upper)
            ? Continuous(interval, double.NaN, double.NaN)
            : distribution is Cauchy or HalfCauchy or StudentT
                ? HeavyTailed(interval, distribution)
                : Continuous(interval, distribution.Mean.item<double>(), Math.Sqrt(distribution.Variance.item<double>())),
        var other => throw new InvalidOperationException($"No quadrature over {other}."),
    };

    /// <summary>∫ p(x) f(x) dx.</summary>
    public double Expect(Distribution distribution, Func<Tensor, Tensor> function) =>
        distribution.Score(Nodes).exp().mul(Weights).mul(function(Nodes)).sum().item<double>();

    /// <summary>The distribution function at ascending points, by the cumulated masses of the nodes.</summary>
    public double[] Cdf(Distribution distribution, double[] points)
    {
        var nodes = Nodes.data<double>().ToArray();
        var mass = distribution.Score(Nodes).exp().mul(Weights).data<double>().ToArray();
        var (result, below, next) = (new double[points.Length], 0.0, 0);
        for (var i = 0; i < points.Length; i++)
        {
            while (next < nodes.Length && nodes[next] <= points[i])
            {
                below += mass[next++];
            }

            // A node's mass lies half on either side of it.
            var (left, right) = (Math.Max(next - 1, 0), Math.Min(next, nodes.Length - 1));
            var share = right == left ? 0.5 : (points[i] - nodes[left]) / (nodes[right] - nodes[left]);
            result[i] = Math.Clamp(below - mass[left] / 2 + share * (mass[left] + mass[right]) / 2, 0, 1);
        }

        return result;
    }

    private static double Farthest(Distribution counts) => Math.Ceiling(counts.Mean.item<double>() + 60 * Math.Sqrt(counts.Variance.item<double>()) + 60);

    private static Quadrature Counting(Tensor nodes) => new(nodes, ones_like(nodes));

    private static Quadrature Continuous(Interval interval, double mean, double deviation)
    {
        if (double.IsInfinity(interval.Lower) && double.IsInfinity(interval.Upper))
        {
            return WholeLine(mean, deviation, 5);
        }

        if (double.IsInfinity(interval.Lower))
        {
            var below = HalfLine(-interval.Upper, -mean, 6);
            return new(below.Nodes.neg().flip(0), below.Weights.flip(0));
        }

        if (double.IsInfinity(interval.Upper))
        {
            return HalfLine(interval.Lower, mean, 6);
        }

        var logit = linspace(-36.0, 36.0, Points, dtype: ScalarType.Float64);
        var width = interval.Upper - interval.Lower;
        return new(logit.sigmoid().mul(width).add(interval.Lower), logit.sigmoid().mul(logit.neg().sigmoid()).mul(width * 72 / (Points - 1)));
    }

    // Tails that fall by a power, about the mode and over 1e17 times the width.
    private static Quadrature HeavyTailed(Interval interval, Distribution distribution) => double.IsInfinity(interval.Lower)
        ? WholeLine(distribution.Mode.item<double>(), 1, 40)
        : HalfLine(interval.Lower, interval.Lower + 1, 60);

    private static Quadrature WholeLine(double center, double width, double reach)
    {
        var t = linspace(-reach, reach, Points, dtype: ScalarType.Float64);
        return new(t.sinh().mul(width).add(center), t.cosh().mul(width * 2 * reach / (Points - 1)));
    }

    private static Quadrature HalfLine(double from, double mean, double reach)
    {
        var distance = linspace(-60.0, reach, Points, dtype: ScalarType.Float64).exp().mul(mean - from);
        return new(distance.add(from), distance.mul((60 + reach) / (Points - 1)));
    }
}
