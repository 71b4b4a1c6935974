namespace ProbVae;

/// <summary>Single uniform and normal numbers of a key's stream, made without torch: for a few of them a call into it costs more.</summary>
/// <param name="key">The stream; the same key gives the same numbers.</param>
internal sealed class KeyedNumbers(RandomKey key)
{
    private const double Ulp = 1.0 / (1L << 53);

    private long _count;
    private double _spare = double.NaN;

    /// <summary>A number in [0, 1).</summary>
    public double Uniform() => (long)((ulong)key.Fold(_count++).Value >> 11) * Ulp;

    /// <summary>A standard normal number (Box and Muller 1958).</summary>
    public double Normal()
    {
        if (!double.IsNaN(_spare))
        {
            var spare = _spare;
            _spare = double.NaN;
            return spare;
        }

        var (length, angle) = (Math.Sqrt(-2 * Math.Log(1 - Uniform())), 2 * Math.PI * Uniform());
        _spare = length * Math.Sin(angle);
        return length * Math.Cos(angle);
    }
}
