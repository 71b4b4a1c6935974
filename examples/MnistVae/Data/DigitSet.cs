using static TorchSharp.torch;

namespace MnistVae;

/// <summary>Images of 28 x 28 grey levels with their labels, where the source has labels; batches are rows of these tensors.</summary>
/// <param name="Levels">Bytes, of shape [images, 784].</param>
/// <param name="Labels">A digit an image as a byte, of shape [images]; null where nobody knows.</param>
/// <param name="IsDrawn">Whether a batch has zeros and ones, drawn with the grey levels as probabilities each time that it is made.</param>
public sealed record DigitSet(Tensor Levels, Tensor? Labels, bool IsDrawn = false)
{
    public const int Side = 28;
    public const int PixelCount = Side * Side;

    /// <param name="pixels">Count x 784 grey levels, row after row; at least one image.</param>
    /// <param name="labels">One digit an image, or null.</param>
    public static DigitSet Of(byte[] pixels, byte[]? labels) => new(tensor(pixels).reshape(-1, PixelCount), labels is null ? null : tensor(labels));

    public int Count => (int)Levels.shape[0];

    /// <summary>Places of at most so many images, evenly spaced because files may be sorted by class.</summary>
    public Rows Spaced(int count) => new(Enumerable.Range(0, Math.Min(count, Count)).Select(i => (long)i * Count / Math.Min(count, Count)));

    /// <summary>The images at some places.</summary>
    public DigitSet At(Rows places) => this with { Levels = places.Of(Levels), Labels = Labels is null ? null : places.Of(Labels) };

    /// <summary>At most so many images, evenly spaced.</summary>
    public DigitSet Take(int limit) => limit >= Count ? this : At(Spaced(limit));

    /// <summary>The same images in black and white, drawn once and for all with the grey levels as probabilities.</summary>
    public DigitSet DrawnOnce(RandomKey key)
    {
        using var scope = NewDisposeScope();
        return this with { Levels = Drawn(Levels, key).to(ScalarType.Byte).mul_(byte.MaxValue).MoveToOuterDisposeScope(), IsDrawn = false };
    }

    /// <summary>Images with pixels in [0, 1], all of them unless places are given; the caller disposes of them.</summary>
    /// <param name="key">Decides what is drawn.</param>
    /// <param name="group">Processes of which each loads its share.</param>
    public ImageBatch Load(Device device, Rows? places = null, RandomKey key = default, IProcessGroup? group = null)
    {
        using var scope = NewDisposeScope();
        var chosen = places is null ? this : At(places);
        var pixels = IsDrawn ? Drawn(chosen.Levels, key).to(ScalarType.Float32) : chosen.Levels.to(ScalarType.Float32).div_(byte.MaxValue);
        var (first, end) = (group ?? ProcessGroup.Alone).ShareOf(chosen.Count);
        return new(
            pixels[first..end].to(device).MoveToOuterDisposeScope(),
            chosen.Labels is null ? null : ImageBatch.OneHot(chosen.Labels[first..end], device).MoveToOuterDisposeScope());
    }

    /// <summary>Images in their order, batch by batch; each batch is freed when the next is asked for.</summary>
    public IEnumerable<ImageBatch> Batches(int size, Device device)
    {
        foreach (long[] places in Rows.All(Count).Indices.Chunk(size))
        {
            using var batch = Load(device, new Rows(places));
            yield return batch;
        }
    }

    /// <summary>As minibatches in their order, to be measured; the last may have fewer images.</summary>
    /// <param name="group">Processes that share each minibatch.</param>
    public Minibatches<ImageBatch> InOrder(int size, Device device, IProcessGroup? group = null)
    {
        var order = Minibatches.InOrder(Rows.All(Count), size);
        return new(Count, order.PerPass, step => Load(device, order.Of(step), group: group), images => images.Count);
    }

    /// <summary>As minibatches to learn from, shuffled and drawn anew each epoch, whose last may have fewer images.</summary>
    /// <param name="key">Decides the order and what is drawn.</param>
    /// <param name="ahead">Batches to make on another thread while a step runs; 0 for none.</param>
    /// <param name="group">Processes that share each minibatch.</param>
    public Minibatches<ImageBatch> ToLearn(int size, Device device, RandomKey key, int ahead, IProcessGroup? group = null)
    {
        var order = Minibatches.Shuffled(Rows.All(Count), size, key.Fold("order"));
        return new(Count, order.PerPass, step => Load(device, order.Of(step), key.Fold(step), group), images => images.Count) { Ahead = ahead };
    }

    // Of 255 equally likely numbers, so that black stays black and white stays white.
    private static Tensor Drawn(Tensor levels, RandomKey key)
    {
        using var generator = key.NewGenerator();
        return randint(0, byte.MaxValue, levels.shape, ScalarType.Byte, generator: generator).less(levels);
    }
}
