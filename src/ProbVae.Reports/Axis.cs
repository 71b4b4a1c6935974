namespace ProbVae.Reports;

/// <summary>Maps values of a range to places on a drawing, and marks round values.</summary>
internal sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _start;
    private readonly double _end;

    private Axis(double low, double high, double step, double start, double end) =>
        (_low, _high, Step, _start, _end) = (low, high, step, start, end);

    /// <summary>The distance between two marks.</summary>
    public double Step { get; }

    public IEnumerable<double> Ticks
    {
        get
        {
            var first = Math.Ceiling((_low / Step) - 1e-9);
            var last = Math.Floor((_high / Step) + 1e-9);
            for (var i = 0; i <= last - first; i++)
            {
                yield return (first + i) * Step;
            }
        }
    }

    /// <summary>An axis over the finite ones of some values; from 0 to 1 where there are none.</summary>
    /// <param name="values">What is to be shown; what is not finite is left out.</param>
    /// <param name="start">The place of the lowest value.</param>
    /// <param name="end">The place of the highest value.</param>
    /// <param name="marks">About how many marks.</param>
    /// <param name="whole">Whether only whole numbers are marked.</param>
    public static Axis Over(IEnumerable<double> values, double start, double end, int marks, bool whole = false)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite))
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        if (low > high)
        {
            (low, high) = (0, 1);
        }

        // Halves, so that a range as wide as the numbers go does not overflow.
        if ((high / 2) - (low / 2) <= 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)))
        {
            var room = whole ? 1 : Math.Max(0.5, 0.01 * Math.Abs(low));
            (low, high) = (low - room, high + room);
        }

        var step = RoundStep((high / marks) - (low / marks), whole);
        return new(low, high, step, start, end);
    }

    /// <summary>Whether a value lies on the axis.</summary>
    public bool Shows(double value) => value >= _low && value <= _high;

    public double Place(double value) => _start + ((_end - _start) * (((value / 2) - (_low / 2)) / ((_high / 2) - (_low / 2))));

    // 1, 2 or 5 times a power of ten.
    private static double RoundStep(double rough, bool whole)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        return whole ? Math.Max(1, step) : step;
    }
}
