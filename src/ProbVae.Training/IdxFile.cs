using System.Buffers.Binary;

namespace ProbVae.Training;

/// <summary>
/// The idx format of MNIST (LeCun, Cortes and Burges 1998) and the data sets that took its place: a big-endian magic number and sizes, then one
/// byte a value. Files may be gzipped (<see cref="UnpackedFile"/>).
/// </summary>
public static class IdxFile
{
    private const int ImageMagic = 2051;
    private const int LabelMagic = 2049;

    /// <summary>Grey levels of images, 0 to 255, one image after another and each row after row.</summary>
    /// <param name="path">The file, for the sentences.</param>
    /// <param name="bytes">Its content, unpacked.</param>
    /// <param name="height">Pixels from top to bottom. Range: at least 1.</param>
    /// <param name="width">Pixels from left to right. Range: at least 1.</param>
    /// <exception cref="InvalidDataException">It holds something else, is cut short, or goes on; the message says which.</exception>
    public static byte[] Images(string path, byte[] bytes, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var count = CountIn(path, bytes, ImageMagic, "images", LabelMagic, "labels");
        var (rows, columns) = (NumberAt(path, bytes, 2, "images"), NumberAt(path, bytes, 3, "images"));
        return rows == height && columns == width
            ? BodyOf(path, bytes, 4, count, (long)height * width, "images")
            : throw new InvalidDataException($"{path} holds images of {rows} x {columns} pixels, but this program needs {height} x {width}; use a data set of that size.");
    }

    /// <summary>Labels of images, from 0 up.</summary>
    /// <param name="path">The file, for the sentences.</param>
    /// <param name="bytes">Its content, unpacked.</param>
    /// <param name="classes">How many classes there are. Range: 1 to 256.</param>
    /// <exception cref="InvalidDataException">It holds something else, is cut short, or goes on; the message says which.</exception>
    public static byte[] Labels(string path, byte[] bytes, int classes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        var labels = BodyOf(path, bytes, 2, CountIn(path, bytes, LabelMagic, "labels", ImageMagic, "images"), 1, "labels");
        var odd = Array.FindIndex(labels, label => label >= classes);
        return odd < 0
            ? labels
            : throw new InvalidDataException($"{path} has the label {labels[odd]} at position {odd}, but labels run from 0 to {classes - 1}; use the labels of these images.");
    }

    private static int CountIn(string path, byte[] bytes, int magic, string content, int otherMagic, string otherContent)
    {
        var found = NumberAt(path, bytes, 0, content);
        if (found != magic)
        {
            throw new InvalidDataException(found == otherMagic
                ? $"{path} holds {otherContent} where {content} belong (magic number {otherMagic} instead of {magic}); check that the files were not swapped."
                : $"{path} is not an idx file of {content}: it begins with the number {found} instead of {magic}; get the file again or remove it.");
        }

        var count = NumberAt(path, bytes, 1, content);
        return count > 0
            ? count
            : throw new InvalidDataException($"{path} claims to hold {count} {content}, but there must be 1 or more; get the file again or remove it.");
    }

    private static int NumberAt(string path, byte[] bytes, int place, string content) =>
        BinaryPrimitives.TryReadInt32BigEndian(bytes.AsSpan(Math.Min(place * sizeof(int), bytes.Length)), out var number)
            ? number
            : throw new InvalidDataException($"{path} is cut short: it ends within the header of an idx file of {content}; get the file again or remove it.");

    private static byte[] BodyOf(string path, byte[] bytes, int numbers, int count, long itemSize, string content)
    {
        int start = numbers * sizeof(int), length = bytes.Length - start;
        return (count * itemSize).CompareTo(length) switch
        {
            > 0 => throw new InvalidDataException($"{path} is cut short: it ends after {length / itemSize} of {count} {content}; get the file again or remove it."),
            < 0 => throw new InvalidDataException($"{path} goes on after the {count} {content} that its header tells of; get the file again or remove it."),
            _ => bytes[start..],
        };
    }
}
