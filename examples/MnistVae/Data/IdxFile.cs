using System.Buffers.Binary;

namespace MnistVae.Data;

/// <summary>Reads the idx format of MNIST: a big-endian magic number and sizes, then one byte a value.</summary>
public static class IdxFile
{
    private const int ImageMagic = 2051;
    private const int LabelMagic = 2049;
    private const int MostItems = 1_000_000;
    private const int PartSize = 1 << 20;

    /// <summary>The pixels of all images and the MD5 of the uncompressed file.</summary>
    public static (byte[] Pixels, string Md5) ReadImages(string path)
    {
        using var file = DataFileReader.Open(path);
        int count = ReadHeader(file, ImageMagic, "images", LabelMagic, "labels");
        int rows = ReadNumber(file, "images");
        int columns = ReadNumber(file, "images");
        if (rows != DigitSet.Side || columns != DigitSet.Side)
        {
            throw new UserError($"{path} holds images of {rows} x {columns} pixels, but this program needs 28 x 28; use MNIST or a set of that size.");
        }

        byte[] pixels = ReadBody(file, count, DigitSet.PixelCount, "images");
        return (pixels, file.Md5());
    }

    /// <summary>The digits and the MD5 of the uncompressed file.</summary>
    public static (byte[] Labels, string Md5) ReadLabels(string path)
    {
        using var file = DataFileReader.Open(path);
        int count = ReadHeader(file, LabelMagic, "labels", ImageMagic, "images");
        byte[] labels = ReadBody(file, count, 1, "labels");
        int odd = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)9);
        return odd < 0
            ? (labels, file.Md5())
            : throw new UserError($"{path} has the label {labels[odd]} at position {odd}, but labels run from 0 to 9; use the labels of MNIST.");
    }

    private static int ReadHeader(DataFileReader file, int magic, string content, int otherMagic, string otherContent)
    {
        int found = ReadNumber(file, content);
        if (found == otherMagic)
        {
            throw new UserError($"{file.Path} holds {otherContent} where {content} belong (magic number {otherMagic} instead of {magic}); check that the files were not swapped.");
        }

        if (found != magic)
        {
            throw new UserError($"{file.Path} is not an idx file of {content}: it begins with the number {found} instead of {magic}; get the file again or remove it.");
        }

        int count = ReadNumber(file, content);
        return count is > 0 and <= MostItems
            ? count
            : throw new UserError($"{file.Path} claims to hold {count} {content}, but 1 to {MostItems} can be used; get the file again or remove it.");
    }

    private static int ReadNumber(DataFileReader file, string content)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        return file.Fill(bytes) == bytes.Length
            ? BinaryPrimitives.ReadInt32BigEndian(bytes)
            : throw new UserError($"{file.Path} is cut short: it ends within the header of an idx file of {content}; get the file again or remove it.");
    }

    private static byte[] ReadBody(DataFileReader file, int count, int itemSize, string content)
    {
        // Memory grows with what is there, not with what the header claims.
        long length = (long)count * itemSize;
        byte[] body = new byte[Math.Min(length, PartSize)];
        int filled = 0;
        while (filled < length)
        {
            if (filled == body.Length)
            {
                Array.Resize(ref body, (int)Math.Min(length, 2L * body.Length));
            }

            int read = file.Fill(body.AsSpan(filled));
            filled += read;
            if (read == 0)
            {
                throw new UserError($"{file.Path} is cut short: it ends after {filled / itemSize} of {count} {content}; get the file again or remove it.");
            }
        }

        return file.Fill(stackalloc byte[1]) == 0
            ? body
            : throw new UserError($"{file.Path} goes on after the {count} {content} that its header tells of; get the file again or remove it.");
    }
}
