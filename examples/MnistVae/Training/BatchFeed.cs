using MnistVae.Data;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>The batches of a run by step: the same ones wherever a run begins, and whichever thread makes them.</summary>
/// <param name="batches">The training images.</param>
/// <param name="size">Images in a batch; an epoch's last may have fewer.</param>
/// <param name="device">Where the tensors go.</param>
/// <param name="ahead">Batches to make on another thread while a step runs; 0 for none.</param>
public sealed class BatchFeed(Batches batches, int size, Device device, int ahead)
{
    /// <summary>The batches of the steps from <paramref name="step"/> on, before <paramref name="end"/>; each belongs to the caller.</summary>
    public IEnumerable<ImageBatch> From(long step, long end)
    {
        var made = Make(step, end);
        return ahead == 0 ? made : ReadAhead.Of(made, ahead);
    }

    private IEnumerable<ImageBatch> Make(long step, long end)
    {
        var perEpoch = batches.PerEpoch(size);
        while (step < end)
        {
            var epoch = (int)(step / perEpoch) + 1;
            foreach (var chosen in batches.Shuffled(epoch, size).Skip((int)(step % perEpoch)).Take((int)Math.Min(end - step, perEpoch)))
            {
                yield return batches.Load(chosen, epoch, device);
                step++;
            }
        }
    }
}
