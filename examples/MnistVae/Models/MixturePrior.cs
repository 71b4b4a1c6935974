using MnistVae.Commands;
using MnistVae.Data;
using ProbVae;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MnistVae.Models;

/// <summary>
/// A learnt mixture of Normals over codes. Its components are numbers of their own, or what the encoder makes of learnt
/// pseudo-images: the VampPrior of Tomczak and Welling (2018).
/// </summary>
public sealed class MixturePrior : IDisposable
{
    // Pseudo-images start dark with a little noise, as digits are.
    private const double StartingLogOdds = -2;

    private readonly Parameter logits;
    private readonly Parameter? loc;
    private readonly Parameter? logScale;
    private readonly Parameter? pseudoImages;
    private readonly Encoder? encoder;

    private MixturePrior(TrainOptions options, int length, Device device, Encoder? encoder)
    {
        this.encoder = encoder;
        logits = new Parameter(zeros(options.Components, device: device));
        var key = new RandomKey(options.Seed).Fold("prior");
        Tensor Noise(long width) => new Normal(0, 1).Sample(key, options.Components, width).to(device);
        if (encoder is null)
        {
            loc = new Parameter(Noise(length));
            logScale = new Parameter(zeros(options.Components, length, device: device));
        }
        else
        {
            pseudoImages = new Parameter(Noise(DigitSet.PixelCount).add(StartingLogOdds));
        }
    }

    /// <summary>Components with locations and scales of their own, drawn around 0 and 1 at the start.</summary>
    public static MixturePrior OfComponents(TrainOptions options, int length, Device device) => new(options, length, device, null);

    /// <summary>Components that are an encoder's posteriors at pseudo-images.</summary>
    public static MixturePrior OfPosteriors(Encoder encoder, TrainOptions options, Device device) => new(options, options.Latent, device, encoder);

    /// <summary>p(z) = Σ wₖ Normal(z; locₖ, scaleₖ).</summary>
    public Distribution Distribution()
    {
        var component = encoder is null ? new Normal(loc!, logScale!.exp()) : AtPseudoImages(encoder);
        return new MixtureSameFamily(Categorical.FromLogits(logits), component.ToEvent(1));
    }

    public void Dispose()
    {
        foreach (var parameter in new[] { logits, loc, logScale, pseudoImages })
        {
            parameter?.Dispose();
        }
    }

    private Normal AtPseudoImages(Encoder network)
    {
        var (at, scale, _) = network.call(new ImageBatch(pseudoImages!.sigmoid(), null));
        return new Normal(at, scale);
    }
}
