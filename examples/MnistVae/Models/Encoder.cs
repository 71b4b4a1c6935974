using MnistVae.Commands;
using MnistVae.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MnistVae.Models;

/// <summary>
/// From images, and their labels if the model is about them, to the location and scale of each code and a context for flows: perhaps
/// convolutions, then hidden layers, then three linear heads in one.
/// </summary>
public sealed class Encoder : Module<ImageBatch, (Tensor Loc, Tensor Scale, Tensor Context)>
{
    private readonly Module<Tensor, Tensor>? convolutions;
    private readonly Module<Tensor, Tensor> layers;
    private readonly bool readsLabels;
    private readonly long[] heads;

    /// <param name="context">The length of the context; 0 for none.</param>
    public Encoder(TrainOptions options, int context)
        : base(nameof(Encoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        readsLabels = options.Structure == Structure.Conditional;
        heads = [options.Latent, options.Latent, context];
        convolutions = options.Network == Network.Convolutional ? Convolutions.Down(options.Activation) : null;
        var features = convolutions is null ? DigitSet.PixelCount : Convolutions.FeatureCount;
        layers = Layers.Stack([features + (readsLabels ? ImageBatch.Classes : 0), .. options.Hidden, (2 * options.Latent) + context], options.Activation);
        RegisterComponents();
    }

    public override (Tensor Loc, Tensor Scale, Tensor Context) forward(ImageBatch input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var features = convolutions?.call(input.Images) ?? input.Images;
        var parts = layers.call(readsLabels ? input.BesideLabels(features) : features).split(heads, -1);
        return (parts[0], parts[1].exp(), parts[2]);
    }
}
