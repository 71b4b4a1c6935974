namespace MnistVae;

/// <summary>Images of 28 x 28 grey levels in one block, with their labels where the source has labels.</summary>
public sealed class DigitSet
{
    public const int Side = 28;
    public const int PixelCount = Side * Side;

    private readonly byte[] pixels;
    private readonly byte[]? labels;

    /// <param name="pixels">Count x 784 grey levels, 0 to 255, row after row; at least one image.</param>
    /// <param name="labels">One digit an image, or null where nobody knows.</param>
    public DigitSet(byte[] pixels, byte[]? labels) => (this.pixels, this.labels) = (pixels, labels);

    public int Count => pixels.Length / PixelCount;

    public bool HasLabels => labels is not null;

    public ReadOnlySpan<byte> Pixels => pixels;

    /// <summary>One digit an image; empty where nobody knows.</summary>
    public ReadOnlySpan<byte> Labels => labels;

    public ReadOnlySpan<byte> Image(int index) => pixels.AsSpan(index * PixelCount, PixelCount);

    /// <summary>The images before the last <paramref name="count"/>, and those.</summary>
    /// <param name="count">From 1 to one less than there are.</param>
    public (DigitSet First, DigitSet Last) HoldOut(int count) => (Chosen(Enumerable.Range(0, Count - count)), Chosen(Enumerable.Range(Count - count, count)));

    /// <summary>At most <paramref name="limit"/> images, evenly spaced.</summary>
    public DigitSet Take(int limit) => limit >= Count ? this : Chosen(Spaced(limit));

    /// <summary>Places of so many images, evenly spaced because files may be sorted by class.</summary>
    public int[] Spaced(int count) => [.. Enumerable.Range(0, count).Select(i => (int)((long)i * Count / count))];

    private DigitSet Chosen(IEnumerable<int> places)
    {
        int[] chosen = [.. places];
        byte[] taken = new byte[chosen.Length * PixelCount];
        for (int i = 0; i < chosen.Length; i++)
        {
            Image(chosen[i]).CopyTo(taken.AsSpan(i * PixelCount));
        }

        return new DigitSet(taken, labels is null ? null : [.. chosen.Select(place => labels[place])]);
    }
}
