using MnistVae.Data;
using ProbVae.Training;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>Images as the minibatches of steps and measurements.</summary>
public static class ImageMinibatches
{
    /// <summary>Shuffled anew each epoch.</summary>
    /// <param name="batches">The training images.</param>
    /// <param name="size">Images in a batch; an epoch's last may have fewer.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <param name="ahead">Batches to make on another thread while a step runs; 0 for none.</param>
    public static Minibatches<ImageBatch> Shuffled(Batches batches, int size, Device device, int ahead)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var perEpoch = batches.PerEpoch(size);
        // One reference, so that two threads never see half of an order.
        var order = Tuple.Create(0, Array.Empty<int[]>());
        return new(batches.Count, perEpoch, Make, images => images.Count) { Ahead = ahead };

        ImageBatch Make(long step)
        {
            var epoch = (int)(step / perEpoch) + 1;
            var known = order;
            if (known.Item1 != epoch)
            {
                order = known = Tuple.Create(epoch, batches.Shuffled(epoch, size).ToArray());
            }

            return batches.Load(known.Item2[step % perEpoch], epoch, device);
        }
    }

    /// <summary>In file order, to be measured.</summary>
    /// <param name="batches">The images.</param>
    /// <param name="size">Images in a batch; the last may have fewer.</param>
    /// <param name="device">Where the tensors go.</param>
    public static Minibatches<ImageBatch> InOrder(Batches batches, int size, Device device)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var chosen = batches.InOrder(size).ToArray();
        return new(batches.Count, chosen.Length, step => batches.Load(chosen[step % chosen.Length], epoch: 0, device), images => images.Count);
    }
}
