using System.Buffers.Binary;

namespace MnistVae;

/// <summary>Reads the idx format of MNIST: a big-endian magic number and sizes, then one byte a value.</summary>
public static class IdxFile
{
    private const int ImageMagic = 2051;
    private const int LabelMagic = 2049;
    private const int MostItems = 1_000_000;

    /// <summary>The pixels of all images and the MD5 of the uncompressed file.</summary>
    public static (byte[] Pixels, string Md5) ReadImages(string path)
    {
        var (bytes, md5) = DataContent.Read(path);
        int count = CountIn(path, bytes, ImageMagic, "images", LabelMagic, "labels");
        var (rows, columns) = (NumberAt(path, bytes, 2, "images"), NumberAt(path, bytes, 3, "images"));
        return rows == DigitSet.Side && columns == DigitSet.Side
            ? (BodyOf(path, bytes, 4, count, DigitSet.PixelCount, "images"), md5)
            : throw new UserError($"{path} holds images of {rows} x {columns} pixels, but this program needs 28 x 28; use MNIST or a set of that size.");
    }

    /// <summary>The digits and the MD5 of the uncompressed file.</summary>
    public static (byte[] Labels, string Md5) ReadLabels(string path)
    {
        var (bytes, md5) = DataContent.Read(path);
        byte[] labels = BodyOf(path, bytes, 2, CountIn(path, bytes, LabelMagic, "labels", ImageMagic, "images"), 1, "labels");
        int odd = labels.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)9);
        return odd < 0
            ? (labels, md5)
            : throw new UserError($"{path} has the label {labels[odd]} at position {odd}, but labels run from 0 to 9; use the labels of MNIST.");
    }

    private static int CountIn(string path, byte[] bytes, int magic, string content, int otherMagic, string otherContent)
    {
        int found = NumberAt(path, bytes, 0, content);
        if (found != magic)
        {
            throw new UserError(found == otherMagic
                ? $"{path} holds {otherContent} where {content} belong (magic number {otherMagic} instead of {magic}); check that the files were not swapped."
                : $"{path} is not an idx file of {content}: it begins with the number {found} instead of {magic}; get the file again or remove it.");
        }

        int count = NumberAt(path, bytes, 1, content);
        return count is > 0 and <= MostItems
            ? count
            : throw new UserError($"{path} claims to hold {count} {content}, but 1 to {MostItems} can be used; get the file again or remove it.");
    }

    private static int NumberAt(string path, byte[] bytes, int place, string content) => BinaryPrimitives.TryReadInt32BigEndian(bytes.AsSpan().Slice(Math.Min(place * sizeof(int), bytes.Length)), out int number)
        ? number
        : throw new UserError($"{path} is cut short: it ends within the header of an idx file of {content}; get the file again or remove it.");

    private static byte[] BodyOf(string path, byte[] bytes, int numbers, int count, int itemSize, string content)
    {
        int start = numbers * sizeof(int), length = bytes.Length - start;
        return ((long)count * itemSize).CompareTo(length) switch
        {
            > 0 => throw new UserError($"{path} is cut short: it ends after {length / itemSize} of {count} {content}; get the file again or remove it."),
            < 0 => throw new UserError($"{path} goes on after the {count} {content} that its header tells of; get the file again or remove it."),
            _ => bytes[start..],
        };
    }
}
