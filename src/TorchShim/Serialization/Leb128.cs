using System;
using System.IO;

namespace TorchSharp.Serialization;

/// <summary>Unsigned LEB128: seven bits a byte, lowest first, the top bit set on all but the last.</summary>
internal static class Leb128
{
    public static void WriteLeb128(this BinaryWriter writer, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        while (value > 0x7f)
        {
            writer.Write((byte)((value & 0x7f) | 0x80));
            value >>= 7;
        }
        writer.Write((byte)value);
    }

    public static long ReadLeb128(this BinaryReader reader)
    {
        var value = 0L;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var part = reader.ReadByte();
            value |= (part & 0x7fL) << shift;
            if ((part & 0x80) == 0)
            {
                return value;
            }
        }
        throw new InvalidDataException("The stream holds a number of more than 63 bits; it is not a saved state, or it is damaged.");
    }
}
