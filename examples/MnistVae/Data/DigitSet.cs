namespace MnistVae.Data;

/// <summary>Images of 28 x 28 grey levels in one block, with their labels where the source has labels.</summary>
public sealed class DigitSet
{
    public const int Side = 28;
    public const int PixelCount = Side * Side;

    private readonly byte[] pixels;
    private readonly byte[]? labels;

    /// <param name="pixels">Count x 784 grey levels, 0 to 255, row after row.</param>
    /// <param name="labels">One digit an image, or null where nobody knows.</param>
    public DigitSet(byte[] pixels, byte[]? labels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length == 0 || pixels.Length % PixelCount != 0)
        {
            throw new ArgumentException($"The block has {pixels.Length} pixels, which is not a positive multiple of {PixelCount}.", nameof(pixels));
        }

        Count = pixels.Length / PixelCount;
        if (labels is not null && labels.Length != Count)
        {
            throw new ArgumentException($"There are {labels.Length} labels for {Count} images.", nameof(labels));
        }

        this.pixels = pixels;
        this.labels = labels;
    }

    public int Count { get; }

    public bool HasLabels => labels is not null;

    public ReadOnlySpan<byte> Pixels => pixels;

    /// <summary>One digit an image; empty where nobody knows.</summary>
    public ReadOnlySpan<byte> Labels => labels;

    public ReadOnlySpan<byte> Image(int index) => pixels.AsSpan(index * PixelCount, PixelCount);

    /// <summary>The images before the last <paramref name="count"/>, and those.</summary>
    /// <param name="count">From 1 to one less than there are.</param>
    public (DigitSet First, DigitSet Last) HoldOut(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(count, Count);
        int rest = Count - count;
        return (
            new DigitSet(pixels[..(rest * PixelCount)], labels?[..rest]),
            new DigitSet(pixels[(rest * PixelCount)..], labels?[rest..]));
    }

    /// <summary>At most <paramref name="limit"/> images, evenly spaced because files may be sorted by class.</summary>
    public DigitSet Take(int limit)
    {
        if (limit >= Count)
        {
            return this;
        }

        byte[] taken = new byte[limit * PixelCount];
        byte[]? takenLabels = labels is null ? null : new byte[limit];
        for (int i = 0; i < limit; i++)
        {
            int source = (int)((long)i * Count / limit);
            Image(source).CopyTo(taken.AsSpan(i * PixelCount));
            if (takenLabels is not null)
            {
                takenLabels[i] = labels![source];
            }
        }

        return new DigitSet(taken, takenLabels);
    }
}
