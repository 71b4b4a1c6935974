using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MnistVae.Runs;

/// <summary>
/// Arrays in NumPy's .npy format, version 1.0: a magic string, the header's length, a header that is a Python dictionary padded to a
/// multiple of 64 bytes, and the elements, little-endian and row-major.
/// </summary>
public static class NpyFile
{
    private const int Alignment = 64;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];

    /// <summary>Writes 32-bit floats.</summary>
    /// <param name="shape">Its product is the number of values.</param>
    public static void Write(Stream stream, ReadOnlySpan<float> values, params int[] shape)
    {
        WriteHeader(stream, "<f4", values.Length, shape);
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    /// <summary>Writes bytes.</summary>
    /// <param name="shape">Its product is the number of values.</param>
    public static void Write(Stream stream, ReadOnlySpan<byte> values, params int[] shape)
    {
        WriteHeader(stream, "|u1", values.Length, shape);
        stream.Write(values);
    }

    private static void WriteHeader(Stream stream, string type, int count, int[] shape)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Aggregate(1L, (product, side) => product * side) != count)
        {
            throw new ArgumentException($"There are {count} values, which do not fill the shape ({string.Join(", ", shape)}).", nameof(shape));
        }

        // A tuple of one has a comma behind it.
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}{(shape.Length == 1 ? "," : "")}), }}";
        int unpadded = Magic.Length + sizeof(ushort) + header.Length + 1;
        header += new string(' ', (Alignment - (unpadded % Alignment)) % Alignment) + "\n";
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)header.Length));
        stream.Write(Magic);
        stream.Write(length);
        stream.Write(Encoding.ASCII.GetBytes(header));
    }
}
