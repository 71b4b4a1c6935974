using MnistVae.Commands;
using MnistVae.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MnistVae.Models;

/// <summary>From codes, and labels if the model is about them, to one number a pixel: the encoder's layers in reverse.</summary>
public sealed class Decoder : Module<Tensor, ImageBatch, Tensor>
{
    private readonly Module<Tensor, Tensor> layers;
    private readonly Module<Tensor, Tensor>? convolutions;
    private readonly bool readsLabels;

    public Decoder(TrainOptions options)
        : base(nameof(Decoder))
    {
        ArgumentNullException.ThrowIfNull(options);
        readsLabels = options.Structure == Structure.Conditional;
        convolutions = options.Network == Network.Convolutional ? Convolutions.Up(options.Activation) : null;
        var features = convolutions is null ? DigitSet.PixelCount : Convolutions.FeatureCount;
        layers = Layers.Stack([options.Latent + (readsLabels ? ImageBatch.Classes : 0), .. options.Hidden.Reverse(), features], options.Activation);
        RegisterComponents();
    }

    /// <param name="code">The codes, perhaps with axes in front.</param>
    /// <param name="batch">Whose labels are meant, where the model is about them.</param>
    public override Tensor forward(Tensor code, ImageBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var features = layers.call(readsLabels ? batch.BesideLabels(code) : code);
        return convolutions?.call(features) ?? features;
    }
}
