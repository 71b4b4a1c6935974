namespace MnistVae.Data;

/// <summary>Shuffles a set anew each epoch and turns rows into pixels in [0, 1], reproducibly from the seed.</summary>
public sealed class Batches
{
    private readonly DigitSet digits;
    private readonly bool drawsAnew;
    private readonly long seed;

    public Batches(DigitSet digits, Binarization binarization, long seed)
    {
        ArgumentNullException.ThrowIfNull(digits);
        this.digits = digits;
        this.seed = seed;
        drawsAnew = binarization == Binarization.Dynamic;
    }

    public int Count => digits.Count;

    public bool HasLabels => digits.HasLabels;

    /// <summary>How many batches an epoch has, the last one possibly smaller.</summary>
    public int PerEpoch(int batchSize) => (Count + batchSize - 1) / batchSize;

    /// <summary>The images of an epoch, in shuffled batches of indices.</summary>
    public IEnumerable<int[]> Shuffled(int epoch, int batchSize) => Order(epoch).Chunk(batchSize);

    /// <summary>The images in file order, in batches of indices.</summary>
    public IEnumerable<int[]> InOrder(int batchSize) => Enumerable.Range(0, Count).Chunk(batchSize);

    /// <summary>The pixels of the chosen images, one row of 784 after the other.</summary>
    public float[] Pixels(ReadOnlySpan<int> images, int epoch)
    {
        float[] rows = new float[images.Length * DigitSet.PixelCount];
        for (int row = 0; row < images.Length; row++)
        {
            var target = rows.AsSpan(row * DigitSet.PixelCount, DigitSet.PixelCount);
            if (drawsAnew)
            {
                Binarizer.Draw(digits.Image(images[row]), seed, epoch, images[row], target);
            }
            else
            {
                Grey(digits.Image(images[row]), target);
            }
        }

        return rows;
    }

    /// <summary>The digits that the chosen images show.</summary>
    public byte[] Labels(ReadOnlySpan<int> images)
    {
        byte[] labels = new byte[images.Length];
        for (int row = 0; row < images.Length; row++)
        {
            labels[row] = digits.Labels[images[row]];
        }

        return labels;
    }

    // Fisher and Yates; the stream lies apart from the images' own (their index is never negative).
    private int[] Order(int epoch)
    {
        var random = SplitMix.For(seed, epoch, -1);
        int[] order = [.. Enumerable.Range(0, Count)];
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = random.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private static void Grey(ReadOnlySpan<byte> levels, Span<float> target)
    {
        for (int i = 0; i < levels.Length; i++)
        {
            target[i] = levels[i] / 255f;
        }
    }
}
