using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ProbVae.Benchmarks;

/// <summary>The networks of a VAE and its minibatch; each contender has its own, with the same weights and pictures.</summary>
internal sealed class VaeNetworks : IDisposable
{
    private VaeNetworks(Module<Tensor, (Tensor Loc, Tensor LogScale)> encoder, Module<Tensor, Tensor> decoder, Tensor images) =>
        (Encoder, Decoder, Images) = (encoder, decoder, images);

    public Module<Tensor, (Tensor Loc, Tensor LogScale)> Encoder { get; }

    public Module<Tensor, Tensor> Decoder { get; }

    public Tensor Images { get; }

    public long Batch => Images.shape[0];

    /// <summary>784-200-10-200-784, ReLU, batch 128.</summary>
    public static VaeNetworks Dense()
    {
        var (encoder, decoder) = VaeProblem.Networks();
        return new(encoder, decoder, VaeProblem.Data());
    }

    /// <summary>Three convolutions to 64 × 4 × 4, 10 latent variables, three transposed ones back, ReLU, batch 64.</summary>
    public static VaeNetworks Convolutional()
    {
        manual_seed(1);
        var encoder = new ConvolutionalEncoder();
        var decoder = Sequential(
            Linear(VaeProblem.Latents, 64 * 4 * 4), ReLU(), Unflatten(1, [64, 4, 4]),
            ConvTranspose2d(64, 32, 3, stride: 2, padding: 1), ReLU(),
            ConvTranspose2d(32, 16, 4, stride: 2, padding: 1), ReLU(),
            ConvTranspose2d(16, 1, 4, stride: 2, padding: 1));
        using var rows = VaeProblem.Data();
        return new(encoder, decoder, rows.narrow(0, 0, 64).reshape(64, 1, 28, 28).clone());
    }

    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
        Images.Dispose();
    }
}

/// <summary>Pictures of 28 × 28 → 16 × 14 × 14 → 32 × 7 × 7 → 64 × 4 × 4 → location and log scale of the latent variables.</summary>
internal sealed class ConvolutionalEncoder : Module<Tensor, (Tensor Loc, Tensor LogScale)>
{
    private readonly Module<Tensor, Tensor> _hidden = Sequential(
        Conv2d(1, 16, 4, stride: 2, padding: 1), ReLU(),
        Conv2d(16, 32, 4, stride: 2, padding: 1), ReLU(),
        Conv2d(32, 64, 3, stride: 2, padding: 1), ReLU(), Flatten());

    private readonly Module<Tensor, Tensor> _loc = Linear(64 * 4 * 4, VaeProblem.Latents);
    private readonly Module<Tensor, Tensor> _logScale = Linear(64 * 4 * 4, VaeProblem.Latents);

    public ConvolutionalEncoder()
        : base("encoder") => RegisterComponents();

    public override (Tensor Loc, Tensor LogScale) forward(Tensor input)
    {
        var hidden = _hidden.call(input);
        return (_loc.call(hidden), _logScale.call(hidden));
    }
}
