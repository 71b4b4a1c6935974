using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MnistVae;

/// <summary>The scale of a pixel's Normal or Laplace distribution: given, or learnt for all pixels together or for each.</summary>
public sealed class PixelScale : IDisposable
{
    private const double Given = 0.1;

    // Pixels at the border are always black: without a floor their density, and the ELBO, would grow without bound.
    private const double Floor = 0.01;

    private readonly Parameter? excess;

    public PixelScale(Noise noise, Device device)
    {
        // softplus(excess) = Given − Floor at the start.
        var start = Math.Log(Math.Exp(Given - Floor) - 1);
        excess = noise switch
        {
            Noise.Learnt => new Parameter(full(1, start, ScalarType.Float32, device)),
            Noise.PerPixel => new Parameter(full(DigitSet.PixelCount, start, ScalarType.Float32, device)),
            _ => null,
        };
    }

    /// <summary>One number, or one for each pixel.</summary>
    public TensorLike Value => excess is null ? Given : nn.functional.softplus(excess).add(Floor);

    public void Dispose() => excess?.Dispose();
}
