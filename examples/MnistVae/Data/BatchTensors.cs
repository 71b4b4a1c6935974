using TorchSharp;

namespace MnistVae.Data;

/// <summary>The one place where digits become tensors.</summary>
public static class BatchTensors
{
    /// <summary>The chosen images as a float tensor of shape [images, 784]; the caller disposes of it.</summary>
    public static torch.Tensor Tensor(this Batches batches, ReadOnlySpan<int> images, int epoch, torch.Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(batches);
        long[] shape = [images.Length, DigitSet.PixelCount];
        return torch.tensor(batches.Pixels(images, epoch), shape, device: device);
    }

    /// <summary>The chosen images with their labels, where there are labels; the caller disposes of it.</summary>
    public static ImageBatch Load(this Batches batches, ReadOnlySpan<int> images, int epoch, torch.Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return new(batches.Tensor(images, epoch, device), batches.HasLabels ? ImageBatch.OneHot(batches.Labels(images), device) : null);
    }

    /// <summary>All images in file order, batch by batch; each batch is freed when the next is asked for.</summary>
    public static IEnumerable<ImageBatch> LoadInOrder(this Batches batches, int batchSize, torch.Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(batches);
        foreach (int[] chosen in batches.InOrder(batchSize))
        {
            using var batch = batches.Load(chosen, epoch: 0, device);
            yield return batch;
        }
    }
}
