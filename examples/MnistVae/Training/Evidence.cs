using MnistVae.Data;
using MnistVae.Models;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>log p(x) of each image by importance sampling with the guide: log (1/K) Σ p(x, z_k) / q(z_k | x), z_k ~ q.</summary>
public static class Evidence
{
    /// <summary>The mean over a set, in nats an image, and its standard error over images.</summary>
    public static (double Mean, double StandardError) Estimate(Vae vae, Batches batches, int size, int draws, long seed, Action<int> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(progress);
        using var noGrad = no_grad();
        var (count, sum, squares) = (0, 0.0, 0.0);
        foreach (var chosen in batches.InOrder(size))
        {
            using var scope = NewDisposeScope();
            var images = batches.Load(chosen, epoch: 0, vae.Device);
            var key = new RandomKey(unchecked((ulong)seed)).Fold("evidence").Fold(chosen[0]);
            foreach (var logEvidence in OfBatch(vae, images, draws, key, cancellation))
            {
                (count, sum, squares) = (count + 1, sum + logEvidence, squares + (logEvidence * logEvidence));
            }

            progress(count);
        }

        var mean = sum / count;
        return (mean, Math.Sqrt(((squares / count) - (mean * mean)) / count));
    }

    private static double[] OfBatch(Vae vae, ImageBatch images, int draws, RandomKey key, CancellationToken cancellation)
    {
        var total = full(images.Count, double.NegativeInfinity, ScalarType.Float64, vae.Device);
        for (var draw = 0; draw < draws; draw++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var guide = vae.Recognition.Trace(images, key.Fold(draw));
            var model = vae.Generative.Trace(images, key, guide);
            var weight = vae.Latents.Aggregate(model[vae.Pixels].LogProb(), (sum, z) => sum + model[z].LogProb() - guide[z].LogProb());
            total = total.logaddexp(weight.to(ScalarType.Float64)).MoveToOuterDisposeScope();
        }

        return total.sub(Math.Log(draws)).cpu().data<double>().ToArray();
    }
}
