namespace ProbVae.Tests.Inference.Sampling;

/// <summary>A log density and gradient in plain C#, and chains on it.</summary>
internal sealed class PlainTarget(Func<double[], double[], double> densityAndGradient)
{
    /// <summary>Independent normal numbers of given standard deviations.</summary>
    public static PlainTarget Normal(params double[] deviations) => new((x, slope) =>
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            slope[i] = -x[i] / deviations[i] / deviations[i];
            sum += 0.5 * x[i] * slope[i];
        }

        return sum;
    });

    /// <summary>Two normal numbers of standard deviations 1 and 3 and a correlation.</summary>
    public static PlainTarget Correlated(double correlation) => new((x, slope) =>
    {
        var (a, b, rest) = (x[0], x[1] / 3, 1 - (correlation * correlation));
        slope[0] = -(a - (correlation * b)) / rest;
        slope[1] = -(b - (correlation * a)) / rest / 3;
        return 0.5 * ((x[0] * slope[0]) + (x[1] * slope[1]));
    });

    /// <summary>A logistic number, whose log density is no polynomial: log p = x − 2 log(1 + eˣ).</summary>
    public static PlainTarget Logistic { get; } = new((x, slope) =>
    {
        slope[0] = -Math.Tanh(x[0] / 2);
        return -Math.Abs(x[0]) - (2 * Math.Log(1 + Math.Exp(-Math.Abs(x[0]))));
    });

    /// <summary>Neal's funnel: v ~ N(0, 3), x_i ~ N(0, exp(v / 2)).</summary>
    public static PlainTarget Funnel { get; } = new((x, slope) =>
    {
        var (v, precision) = (x[0], Math.Exp(-x[0]));
        var squares = x.Skip(1).Sum(number => number * number);
        slope[0] = (-v / 9) - ((x.Length - 1) / 2.0) + (0.5 * precision * squares);
        for (var i = 1; i < x.Length; i++)
        {
            slope[i] = -precision * x[i];
        }

        return (-v * v / 18) - ((x.Length - 1) * v / 2) - (0.5 * precision * squares);
    });

    public PhasePoint At(params double[] position)
    {
        var point = new PhasePoint(position);
        Evaluate(point);
        return point;
    }

    public void Evaluate(PhasePoint point) => point.LogDensity = densityAndGradient(point.Position, point.Gradient);

    public void Run(NutsChain chain)
    {
        for (var goesOn = chain.Begin(); goesOn; goesOn = chain.MoveNext())
        {
            Evaluate(chain.Pending);
        }
    }

    public NutsChain Chain(int warmup, int draws, NutsOptions? options = null, long seed = 1, params double[] start)
    {
        var chain = new NutsChain(0, At(start), (warmup, draws), options ?? new(), new RandomKey(seed));
        Run(chain);
        return chain;
    }

    public static double[] Column(NutsChain chain, int number, int dimension) => [.. chain.Draws.ToArray().Chunk(dimension).Select(draw => draw[number])];
}
