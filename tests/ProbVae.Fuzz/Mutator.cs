using System.Buffers.Binary;
using System.Text;

namespace ProbVae.Fuzz;

/// <summary>Makes a broken file of whole ones: bits flipped, parts cut, doubled, moved and spliced, lengths set to extremes, words of text put in.</summary>
internal static class Mutator
{
    private const int MostChanges = 4;

    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "-1", "0", "1e999", "-0", "1.5", "NaN", "null", "true", "{}", "[]", "{", "}", "[", "]", ",", ";", ":", "\n", "\r", "\r\n", "\t", "\0", "\"", "\"\"", "\\ud800", "\\u0000",
            "\uFEFF", "\u2028", "9223372036854775807", "9223372036854775808", "18446744073709551615", "2147483648", "0.1,5", "1_000", new string('9', 400), new string('[', 200), new string(' ', 300), "__metadata__", "dtype",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80],
    ];

    private static readonly long[] Extremes = [0, 1, -1, sbyte.MaxValue, byte.MaxValue, short.MaxValue, ushort.MaxValue, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 31, 1L << 40, 1L << 62, 100_000_000, 1_000_000];

    /// <summary>An input, a function of its number.</summary>
    public static byte[] Input(IReadOnlyList<byte[]> whole, bool isText, long seed, long number)
    {
        var random = new Random((int)new RandomKey(seed).Fold(number).Value);
        byte[] bytes = whole[random.Next(whole.Count)];
        for (int change = random.Next(MostChanges); change >= 0; change--)
        {
            bytes = Changed(bytes, whole, isText, random);
        }

        return bytes;
    }

    private static byte[] Changed(byte[] bytes, IReadOnlyList<byte[]> whole, bool isText, Random random)
    {
        if (bytes.Length == 0)
        {
            return Words[random.Next(Words.Length)];
        }

        // Headers are short and bodies long: half of the changes are near the beginning.
        int reach = random.Next(2) == 0 ? Math.Min(bytes.Length, 64) : bytes.Length;
        int at = random.Next(reach);
        int length = 1 + random.Next(Math.Min(bytes.Length - at, random.Next(4) == 0 ? bytes.Length : 16));
        switch (random.Next(isText ? 10 : 9))
        {
            case 0:
                return Written(bytes, at, [(byte)(bytes[at] ^ (1 << random.Next(8)))]);
            case 1:
                return Written(bytes, at, [(byte)random.Next(256)]);
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 4:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 5:
                byte[] other = whole[random.Next(whole.Count)];
                return [.. bytes[..at], .. other[random.Next(other.Length + 1)..]];
            case 6:
                return Written(bytes, at, Extreme(random));
            case 7:
                return Written(bytes, at, new byte[length]);
            case 8:
                return [.. bytes, .. bytes[..length]];
            default:
                return [.. bytes[..at], .. Words[random.Next(Words.Length)], .. bytes[(random.Next(2) == 0 ? at : at + length)..]];
        }
    }

    private static byte[] Written(byte[] bytes, int at, ReadOnlySpan<byte> with)
    {
        byte[] written = [.. bytes];
        with[..Math.Min(with.Length, bytes.Length - at)].CopyTo(written.AsSpan(at));
        return written;
    }

    private static byte[] Extreme(Random random)
    {
        byte[] number = new byte[sizeof(long)];
        long value = Extremes[random.Next(Extremes.Length)] + random.Next(3) - 1;
        bool isLittle = random.Next(2) == 0;
        if (isLittle)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(number, value);
        }

        int size = 1 << (1 + random.Next(3));
        return isLittle ? number[..size] : number[^size..];
    }
}
