using TorchSharp;

namespace MnistVae;

/// <summary>Shuffles a set anew each epoch and turns rows into pixels in [0, 1], reproducibly from the seed: the one place where digits become tensors.</summary>
public sealed class Batches(DigitSet digits, Binarization binarization, long seed)
{
    public int Count => digits.Count;

    public bool HasLabels => digits.HasLabels;

    /// <summary>Places of so many images, evenly spaced.</summary>
    public int[] Spaced(int count) => digits.Spaced(Math.Min(count, Count));

    /// <summary>How many batches an epoch has, the last one possibly smaller.</summary>
    public int PerEpoch(int batchSize) => (Count + batchSize - 1) / batchSize;

    /// <summary>The images of an epoch, in shuffled batches of indices.</summary>
    public IEnumerable<int[]> Shuffled(int epoch, int batchSize)
    {
        // Fisher and Yates; the stream lies apart from the images' own (their index is never negative).
        var random = SplitMix.For(seed, epoch, -1);
        int[] order = [.. Enumerable.Range(0, Count)];
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = random.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order.Chunk(batchSize);
    }

    /// <summary>The pixels of the chosen images, one row of 784 after the other.</summary>
    public float[] Pixels(ReadOnlySpan<int> images, int epoch)
    {
        float[] rows = new float[images.Length * DigitSet.PixelCount];
        for (int row = 0; row < images.Length; row++)
        {
            var levels = digits.Image(images[row]);
            bool[]? drawn = binarization == Binarization.Dynamic ? Binarizer.Draw(levels, seed, epoch, images[row]) : null;
            for (int i = 0; i < levels.Length; i++)
            {
                rows[(row * DigitSet.PixelCount) + i] = drawn is null ? levels[i] / 255f : drawn[i] ? 1 : 0;
            }
        }

        return rows;
    }

    /// <summary>The digits that the chosen images show.</summary>
    public byte[] Labels(int[] images) => [.. images.Select(image => digits.Labels[image])];

    /// <summary>The chosen images with their labels, where there are labels; the caller disposes of it.</summary>
    public ImageBatch Load(int[] images, int epoch, torch.Device? device = null) => new(
        torch.tensor(Pixels(images, epoch), [images.Length, DigitSet.PixelCount], device: device),
        HasLabels ? ImageBatch.OneHot(Labels(images), device) : null);

    /// <summary>Images in the order given, by default that of the file, batch by batch; each batch is freed when the next is asked for.</summary>
    public IEnumerable<ImageBatch> LoadInOrder(int batchSize, torch.Device? device = null, int[]? images = null)
    {
        foreach (int[] chosen in (images ?? [.. Enumerable.Range(0, Count)]).Chunk(batchSize))
        {
            using var batch = Load(chosen, epoch: 0, device);
            yield return batch;
        }
    }

    /// <summary>As minibatches in file order, to be measured; the last may have fewer images.</summary>
    /// <param name="group">Processes that share each minibatch.</param>
    public Minibatches<ImageBatch> InOrder(int size, torch.Device device, IProcessGroup? group = null)
    {
        int[][] chosen = [.. Enumerable.Range(0, Count).Chunk(size).Select(batch => Own(batch, group))];
        return new(Count, chosen.Length, step => Load(chosen[step % chosen.Length], epoch: 0, device), images => images.Count);
    }

    /// <summary>As minibatches to learn from, shuffled anew each epoch, whose last may have fewer images.</summary>
    /// <param name="ahead">Batches to make on another thread while a step runs; 0 for none.</param>
    /// <param name="group">Processes that share each minibatch.</param>
    public Minibatches<ImageBatch> ToLearn(int size, torch.Device device, int ahead, IProcessGroup? group = null)
    {
        int perEpoch = PerEpoch(size);
        // One reference, so that two threads never see half of an order.
        var order = Tuple.Create(0, Array.Empty<int[]>());
        return new(Count, perEpoch, Make, images => images.Count) { Ahead = ahead };

        ImageBatch Make(long step)
        {
            int epoch = (int)(step / perEpoch) + 1;
            var known = order;
            if (known.Item1 != epoch)
            {
                order = known = Tuple.Create(epoch, Shuffled(epoch, size).ToArray());
            }

            return Load(Own(known.Item2[step % perEpoch], group), epoch, device);
        }
    }

    private static int[] Own(int[] batch, IProcessGroup? group)
    {
        var (first, end) = (group ?? ProcessGroup.Alone).ShareOf(batch.Length);
        return batch[first..end];
    }
}
