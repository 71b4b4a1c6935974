using MnistVae.Commands;
using MnistVae.Data;
using ProbVae;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MnistVae.Models;

/// <summary>The variational autoencoder of Kingma and Welling (2014), in the DSL.</summary>
public sealed class Vae : IDisposable
{
    // A pixel's noise under the Gaussian and the Laplace likelihood.
    private const double PixelScale = 0.1;

    private readonly int images;
    private readonly Encoder encoder;
    private readonly Module<Tensor, Tensor> decoder;

    /// <param name="options">Widths, prior and likelihood.</param>
    /// <param name="images">How many training images there are.</param>
    public Vae(TrainOptions options, int images)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.images = images;
        manual_seed(options.Seed);
        var device = options.Device == DeviceKind.Cuda ? CUDA : CPU;
        var isGrey = options.Binarize == Binarization.None;
        encoder = new Encoder(options.Hidden, options.Latent, options.Activation);
        decoder = Layers.Decoder(options.Hidden, options.Latent, options.Activation);
        encoder.to(device);
        decoder.to(device);

        // z ~ Normal(0, I)        x | z ~ Bernoulli(decoder(z))
        var bernoulli = Model.Given<Tensor>("mnist-vae")
            .Plate("images", total: images)
            .Sample("z", Normal.Standard([options.Latent], device), out var z)
            .Observe("x", s => Bernoulli.FromLogits(decoder.call(s[z]), soft: isGrey), out var x)
            .Build();

        // q(z | x) = Normal(loc(x), scale(x))
        Recognition = Guide.For(bernoulli)
            .Sample(z, data =>
            {
                var (loc, scale) = encoder.call(data);
                return new Normal(loc, scale);
            })
            .Build();

        // Another likelihood or prior is a swap on the same model; guide and engine stay.
        var likely = options.Likelihood switch
        {
            Likelihood.Gaussian => bernoulli.With(x, s => new Normal(decoder.call(s[z]).sigmoid(), PixelScale)),
            Likelihood.Laplace => bernoulli.With(x, s => new Laplace(decoder.call(s[z]).sigmoid(), PixelScale)),
            _ => bernoulli,
        };
        Generative = options.Prior == Prior.Laplace
            ? likely.With(z, new Laplace(zeros(options.Latent, device: device), ones(options.Latent, device: device)))
            : likely;
        (Code, Pixels, Device) = (z, x, device);
    }

    /// <summary>p(x, z).</summary>
    public Model<Tensor> Generative { get; }

    /// <summary>q(z | x).</summary>
    public Guide<Tensor> Recognition { get; }

    /// <summary>The code of an image.</summary>
    public Latent Code { get; }

    /// <summary>The image.</summary>
    public Observed Pixels { get; }

    public Device Device { get; }

    /// <summary>The likelihood's means at codes that the guide draws for the images.</summary>
    public Tensor Reconstruct(Tensor images, RandomKey key) =>
        Generative.Trace(images, key, Recognition.Trace(images, key))[Pixels].Distribution.Mean;

    /// <summary>The likelihood's means at codes from the prior.</summary>
    public Tensor Imagine(int count, RandomKey key)
    {
        // A run observes pixels; these stand in for the ones that are to be imagined, and no more at a time than a run can have.
        var sheets = Enumerable.Range(0, count).Chunk(images).Select(chunk =>
        {
            var blank = zeros(chunk.Length, DigitSet.PixelCount, device: Device);
            return Generative.Trace(blank, key.Fold(chunk[0]))[Pixels].Distribution.Mean;
        });
        return cat([.. sheets]);
    }

    public void Dispose()
    {
        encoder.Dispose();
        decoder.Dispose();
    }
}
