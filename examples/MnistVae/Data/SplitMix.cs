namespace MnistVae;

/// <summary>The SplitMix64 generator: a stream is named by its key, so draws never depend on the order of work.</summary>
public struct SplitMix
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private ulong state;

    /// <summary>The stream that belongs to a seed and a place (an epoch and an image, say).</summary>
    public static SplitMix For(long seed, long first, long second = 0) =>
        new() { state = Mix(Mix(Mix((ulong)seed + Step) ^ Mix((ulong)first + Step)) ^ Mix((ulong)second + Step)) };

    /// <summary>A uniform number.</summary>
    public double Uniform(double low, double high) => low + ((high - low) * ((Next() >> 11) * (1.0 / (1UL << 53))));

    /// <summary>A uniform whole number in [0, bound); the bias for bounds far below 2^32 is immaterial here.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A standard normal number, by Box and Muller.</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform(0, 1))) * Math.Cos(2 * Math.PI * Uniform(0, 1));

    private ulong Next() => Mix(state += Step);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
