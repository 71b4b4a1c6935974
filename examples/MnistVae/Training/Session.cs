using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Models;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>A run's model with its inference, as the run's options describe them.</summary>
public sealed class Session : IDisposable
{
    /// <param name="options">The run's options.</param>
    /// <param name="images">How many training images the run has.</param>
    /// <param name="device">Where to compute now.</param>
    /// <param name="threads">Threads for torch; 0 leaves the number to torch.</param>
    public Session(TrainOptions options, int images, DeviceKind device, int threads)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (device == DeviceKind.Cuda && !cuda.is_available())
        {
            throw new UserError("--device is cuda, but torch finds no CUDA device on this machine; leave --device out to compute on the CPU.");
        }

        if (threads > 0)
        {
            set_num_threads(threads);
        }

        Vae = new Vae(options with { Device = device }, images);
        var elbo = options.Objective == Objective.Trace ? Elbo.Trace(options.Particles) : Elbo.MeanField(options.Particles);
        Svi = new Svi<Tensor>(Vae.Generative, Vae.Recognition, elbo, parameters => options.Optimizer switch
        {
            OptimizerKind.RmsProp => optim.RMSProp(parameters, options.LearningRate),
            OptimizerKind.Sgd => optim.SGD(parameters, options.LearningRate / images),
            _ => optim.Adam(parameters, options.LearningRate),
        }, options.Seed);
    }

    public Vae Vae { get; }

    public Svi<Tensor> Svi { get; }

    /// <summary>The mean ELBO an image, and its parts, over a set.</summary>
    public EpochSums Measure(Batches batches, int size, int total, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var sums = new EpochSums();
        foreach (var chosen in batches.InOrder(size))
        {
            cancellation.ThrowIfCancellationRequested();
            using var images = batches.Tensor(chosen, epoch: 0, Vae.Device);
            sums = sums.Add(Svi.Evaluate(images, key: new RandomKey(0).Fold(chosen[0])), chosen.Length, total, 0);
        }

        return sums;
    }

    public void Dispose()
    {
        Svi.Dispose();
        Vae.Dispose();
    }
}
