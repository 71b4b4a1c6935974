using System.Buffers.Binary;
using System.IO.Compression;
using MnistVae.Runs;

namespace MnistVae.Images;

/// <summary>Writes 8-bit grey PNG files.</summary>
public static class PngWriter
{
    private const byte BitsPerPixel = 8;
    private const byte GreyColour = 0;
    private const byte NoFilter = 0;

    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes the picture to a file, whole or not at all.</summary>
    public static void Save(GreyImage image, string path) => AtomicFile.Write(path, stream => Write(image, stream));

    public static void Write(GreyImage image, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Signature);
        WriteChunk(stream, "IHDR"u8, Header(image));
        WriteChunk(stream, "IDAT"u8, Compress(image));
        WriteChunk(stream, "IEND"u8, []);
    }

    private static byte[] Header(GreyImage image)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        header[8] = BitsPerPixel;
        header[9] = GreyColour;
        return header;
    }

    private static byte[] Compress(GreyImage image)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < image.Height; y++)
            {
                zlib.WriteByte(NoFilter);
                zlib.Write(image.Row(y));
            }
        }

        return packed.ToArray();
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(type, content));
        stream.Write(number);
    }
}
