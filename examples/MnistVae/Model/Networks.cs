using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MnistVae;

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
        readsLabels = options.Structure == Structure.Conditional;
        heads = [options.Latent, options.Latent, context];
        convolutions = options.Network == Network.Convolutional ? Convolutions.Down(options.Activation) : null;
        int features = convolutions is null ? DigitSet.PixelCount : Convolutions.FeatureCount;
        layers = Layers.Stack(options.Activation, [features + (readsLabels ? ImageBatch.Classes : 0), .. options.Hidden, (2 * options.Latent) + context]);
        RegisterComponents();
    }

    public override (Tensor Loc, Tensor Scale, Tensor Context) forward(ImageBatch input)
    {
        var features = convolutions?.call(input.Images) ?? input.Images;
        var parts = layers.call(readsLabels ? input.BesideLabels(features) : features).split(heads, -1);
        return (parts[0], parts[1].exp(), parts[2]);
    }
}

/// <summary>From codes, and labels if the model is about them, to one number a pixel: the encoder's layers in reverse.</summary>
public sealed class Decoder : Module<Tensor, ImageBatch, Tensor>
{
    private readonly Module<Tensor, Tensor> layers;
    private readonly Module<Tensor, Tensor>? convolutions;
    private readonly bool readsLabels;

    public Decoder(TrainOptions options)
        : base(nameof(Decoder))
    {
        readsLabels = options.Structure == Structure.Conditional;
        convolutions = options.Network == Network.Convolutional ? Convolutions.Up(options.Activation) : null;
        int features = convolutions is null ? DigitSet.PixelCount : Convolutions.FeatureCount;
        layers = Layers.Stack(options.Activation, [options.Latent + (readsLabels ? ImageBatch.Classes : 0), .. options.Hidden.Reverse(), features]);
        RegisterComponents();
    }

    /// <param name="code">The codes, perhaps with axes in front.</param>
    /// <param name="batch">Whose labels are meant, where the model is about them.</param>
    public override Tensor forward(Tensor code, ImageBatch batch)
    {
        var features = layers.call(readsLabels ? batch.BesideLabels(code) : code);
        return convolutions?.call(features) ?? features;
    }
}

/// <summary>From one code to a Normal distribution of another: a hidden layer, then a head for the location and one for the scale.</summary>
public sealed class NormalHeads : Module<Tensor, Normal>
{
    private readonly Module<Tensor, Tensor> layers;

    public NormalHeads(int from, int hidden, int to, Activation activation)
        : base(nameof(NormalHeads))
    {
        layers = Layers.Stack(activation, from, hidden, 2 * to);
        RegisterComponents();
    }

    public override Normal forward(Tensor input)
    {
        var heads = layers.call(input).chunk(2, -1);
        return new Normal(heads[0], heads[1].exp());
    }
}

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
        var output = layers.call(input.reshape([-1, .. inputShape]));
        return output.reshape([.. input.shape[..^1], -1]);
    }
}

/// <summary>Stacks of linear layers.</summary>
internal static class Layers
{
    /// <summary>Linear layers of the given widths with an activation between them.</summary>
    public static Module<Tensor, Tensor> Stack(Activation activation, params int[] widths) => Sequential(
        widths.Zip(widths.Skip(1)).SelectMany((pair, i) => i == 0
            ? new Module<Tensor, Tensor>[] { Linear(pair.First, pair.Second) }
            : [Between(activation), Linear(pair.First, pair.Second)]));

    /// <summary>What stands between two layers.</summary>
    public static Module<Tensor, Tensor> Between(Activation activation) => activation switch
    {
        Activation.Elu => ELU(),
        Activation.Tanh => Tanh(),
        Activation.Softplus => Softplus(),
        _ => ReLU(),
    };
}
