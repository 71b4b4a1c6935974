using MnistVae.Commands;
using MnistVae.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MnistVae.Models;

/// <summary>Between the pixels of an image and 64 maps of 7 x 7 features: two convolutions of stride 2, or two transposed ones.</summary>
public sealed class Convolutions : Module<Tensor, Tensor>
{
    /// <summary>How many features an image has.</summary>
    public const int FeatureCount = Maps * FeatureSide * FeatureSide;

    private const int FirstMaps = 32;
    private const int Maps = 64;
    private const int FeatureSide = DigitSet.Side / 4;

    // A kernel of 4 at stride 2 halves or doubles a side exactly.
    private const int Kernel = 4;

    private readonly Module<Tensor, Tensor> layers;
    private readonly long[] inputShape;

    private Convolutions(string name, long[] inputShape, params Module<Tensor, Tensor>[] layers)
        : base(name)
    {
        this.inputShape = inputShape;
        this.layers = Sequential(layers);
        RegisterComponents();
    }

    /// <summary>From images to features.</summary>
    public static Convolutions Down(Activation activation) => new(
        nameof(Down),
        [1, DigitSet.Side, DigitSet.Side],
        Conv2d(1, FirstMaps, Kernel, stride: 2, padding: 1),
        Layers.Between(activation),
        Conv2d(FirstMaps, Maps, Kernel, stride: 2, padding: 1),
        Layers.Between(activation));

    /// <summary>From features to one number a pixel.</summary>
    public static Convolutions Up(Activation activation) => new(
        nameof(Up),
        [Maps, FeatureSide, FeatureSide],
        Layers.Between(activation),
        ConvTranspose2d(Maps, FirstMaps, Kernel, stride: 2, padding: 1),
        Layers.Between(activation),
        ConvTranspose2d(FirstMaps, 1, Kernel, stride: 2, padding: 1));

    /// <param name="input">Vectors, with any axes in front: convolutions know one only.</param>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var output = layers.call(input.reshape([-1, .. inputShape]));
        return output.reshape([.. input.shape[..^1], output.shape[1..].Aggregate((total, side) => total * side)]);
    }
}
