using MnistVae.Commands;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistVae.Models;

/// <summary>The networks between the two codes of a hierarchical model.</summary>
public sealed class UpperCode : IDisposable
{
    public UpperCode(TrainOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var hidden = options.Hidden[^1];
        Up = new NormalHeads(options.Latent, hidden, options.Upper, options.Activation);
        Down = new NormalHeads(options.Upper, hidden, options.Latent, options.Activation);
    }

    /// <summary>q(z2 | z1).</summary>
    public NormalHeads Up { get; }

    /// <summary>p(z1 | z2).</summary>
    public NormalHeads Down { get; }

    public void To(Device device)
    {
        Up.to(device);
        Down.to(device);
    }

    public void Dispose()
    {
        Up.Dispose();
        Down.Dispose();
    }
}
