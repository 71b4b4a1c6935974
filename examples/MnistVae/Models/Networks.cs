using MnistVae.Commands;
using MnistVae.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MnistVae.Models;

/// <summary>From images to the location and scale of each code: hidden layers, then two linear heads in one.</summary>
public sealed class Encoder : Module<Tensor, (Tensor Loc, Tensor Scale)>
{
    private readonly Module<Tensor, Tensor> layers;

    public Encoder(IReadOnlyList<int> hidden, int latent, Activation activation)
        : base(nameof(Encoder))
    {
        layers = Layers.Stack([DigitSet.PixelCount, .. hidden, 2 * latent], activation);
        RegisterComponents();
    }

    public override (Tensor Loc, Tensor Scale) forward(Tensor input)
    {
        var heads = layers.call(input).chunk(2, -1);
        return (heads[0], heads[1].exp());
    }
}

/// <summary>Stacks of linear layers.</summary>
public static class Layers
{
    /// <summary>From codes to one number a pixel: the encoder's hidden layers in reverse.</summary>
    public static Module<Tensor, Tensor> Decoder(IReadOnlyList<int> hidden, int latent, Activation activation) =>
        Stack([latent, .. hidden.Reverse(), DigitSet.PixelCount], activation);

    /// <summary>Linear layers of the given widths with an activation between them.</summary>
    public static Module<Tensor, Tensor> Stack(IReadOnlyList<int> widths, Activation activation)
    {
        ArgumentNullException.ThrowIfNull(widths);
        var layers = new List<Module<Tensor, Tensor>>();
        foreach (var (from, to) in widths.Zip(widths.Skip(1)))
        {
            if (layers.Count > 0)
            {
                layers.Add(activation switch { Activation.Elu => ELU(), Activation.Tanh => Tanh(), _ => ReLU() });
            }

            layers.Add(Linear(from, to));
        }

        return Sequential(layers);
    }
}
