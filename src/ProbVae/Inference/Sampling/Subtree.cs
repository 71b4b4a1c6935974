namespace ProbVae;

/// <summary>Leapfrog steps in a row, of which one is proposed: a leaf, or two neighbours joined.</summary>
/// <param name="Begin">The first point, as the trajectory came to them.</param>
/// <param name="End">The last.</param>
/// <param name="Momenta">The sum of all momenta, ρ.</param>
/// <param name="LogWeight">The logarithm of the sum of exp(H₀ − H) of all points.</param>
/// <param name="Proposal">One of the points, drawn by these weights.</param>
/// <param name="Depth">The points are 2 to this power.</param>
internal sealed record Subtree(PhasePoint Begin, PhasePoint End, double[] Momenta, double LogWeight, PhasePoint Proposal, int Depth)
{
    /// <summary>A single point.</summary>
    public static Subtree Leaf(PhasePoint point, double logWeight) => new(point, point, point.Momentum, logWeight, point, 0);

    /// <summary>The same points from the other end.</summary>
    public Subtree Reversed() => this with { Begin = End, End = Begin };

    /// <summary>This one, then the next in the same direction.</summary>
    /// <param name="next">As many points.</param>
    /// <param name="biased">Whether the newer half is favoured, as it is on the way out of the whole trajectory (Betancourt 2017, A.3.2).</param>
    /// <param name="random">Where the choice comes from.</param>
    public Subtree Then(Subtree next, bool biased, KeyedNumbers random)
    {
        var (high, low) = (Math.Max(LogWeight, next.LogWeight), Math.Min(LogWeight, next.LogWeight));
        var weight = double.IsNegativeInfinity(high) ? high : high + Math.Log(1 + Math.Exp(low - high));
        var share = next.LogWeight - (biased ? LogWeight : weight);
        var takesNext = share >= 0 || random.Uniform() < Math.Exp(share);
        return new(Begin, next.End, Sum(Momenta, next.Momenta), weight, takesNext ? next.Proposal : Proposal, Depth + 1);
    }

    /// <summary>
    /// Whether two neighbours joined still lead away from each other: the generalized criterion over all points, and over each half with the
    /// first point of the other, which sees a trajectory that closes between the two.
    /// </summary>
    public static bool LeadsOn(Subtree first, Subtree second) =>
        LeadsOn(first.Begin, second.End, Sum(first.Momenta, second.Momenta))
        && LeadsOn(first.Begin, second.Begin, Sum(first.Momenta, second.Begin.Momentum))
        && LeadsOn(first.End, second.End, Sum(second.Momenta, first.End.Momentum));

    private static bool LeadsOn(PhasePoint begin, PhasePoint end, double[] momenta) =>
        PhasePoint.Dot(begin.Velocity, momenta) > 0 && PhasePoint.Dot(end.Velocity, momenta) > 0;

    private static double[] Sum(double[] x, double[] y)
    {
        var sum = new double[x.Length];
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] = x[i] + y[i];
        }

        return sum;
    }
}
