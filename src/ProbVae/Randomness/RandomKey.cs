using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The origin of a stream of random numbers, as a value: the same key gives the same draws, and keys folded with different
/// data give independent streams. Range: any 64-bit number.
/// </summary>
/// <remarks>
/// The engine folds seed, step, particle and site name into a key for each draw, so a site that is added or swapped leaves
/// every other site's draws as they were. Mixing: SplitMix64 (Steele, Lea, Flood 2014, Fast Splittable Pseudorandom Number Generators).
/// </remarks>
/// <param name="Value">The key's bits; of a key that nothing was folded into, a seed.</param>
public readonly record struct RandomKey(long Value)
{
    /// <summary>Which rows of a batch that several processes share are to be drawn; null where all of it is this process's. Folding drops it.</summary>
    internal BatchRows? Rows { get; init; }

    /// <summary>A key whose stream is independent of this one's and of those folded with other numbers.</summary>
    /// <param name="data">A step, a particle, an index.</param>
    public RandomKey Fold(long data) => new(Mix(Mix(Value) ^ data));

    /// <summary>A key whose stream is independent of this one's and of those folded with other names.</summary>
    /// <param name="name">A site's name, or the purpose of the draw.</param>
    public RandomKey Fold(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        // FNV-1a: string.GetHashCode differs from process to process.
        var hash = 14695981039346656037UL;
        foreach (var character in name)
        {
            hash = unchecked((hash ^ character) * 1099511628211UL);
        }

        return Fold(unchecked((long)hash));
    }

    /// <summary>A new torch generator at the start of this key's stream. The caller disposes it.</summary>
    /// <param name="device">Where the draws are made.</param>
    public Generator NewGenerator(Device? device = null) => Rows is null ? new Generator(Start, device ?? CPU) : new SharedGenerator(this, Rows, device ?? CPU);

    internal ulong Start => unchecked((ulong)Mix(Value));

    /// <summary>The key's bits in hexadecimal.</summary>
    public override string ToString() => $"random key {Value:x16}";

    private static long Mix(long value)
    {
        unchecked
        {
            var bits = (ulong)value + 0x9E3779B97F4A7C15UL;
            bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9UL;
            bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBUL;
            return (long)(bits ^ (bits >> 31));
        }
    }
}
