using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MnistVae;

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

    /// <param name="encoder">Whose posteriors at pseudo-images the components are; null for components of their own.</param>
    public MixturePrior(TrainOptions options, int length, Device device, Encoder? encoder)
    {
        this.encoder = encoder;
        logits = new Parameter(zeros(options.Components, device: device));
        var key = new RandomKey(options.Seed).Fold("prior");
        var noise = new Normal(0, 1).Sample(key, options.Components, encoder is null ? length : DigitSet.PixelCount).to(device);
        if (encoder is null)
        {
            loc = new Parameter(noise);
            logScale = new Parameter(zeros(options.Components, length, device: device));
        }
        else
        {
            pseudoImages = new Parameter(noise.add(StartingLogOdds));
        }
    }

    /// <summary>p(z) = Σ wₖ Normal(z; locₖ, scaleₖ).</summary>
    public Distribution Distribution()
    {
        var component = encoder is null ? new Normal(loc!, logScale!.exp()) : AtPseudoImages(encoder);
        return new MixtureSameFamily(Categorical.FromLogits(logits), component.ToEvent(1));
    }

    public void Dispose() => Array.ForEach([logits, loc, logScale, pseudoImages], parameter => parameter?.Dispose());

    private Normal AtPseudoImages(Encoder network)
    {
        var (at, scale, _) = network.call(new ImageBatch(pseudoImages!.sigmoid(), null));
        return new Normal(at, scale);
    }
}
