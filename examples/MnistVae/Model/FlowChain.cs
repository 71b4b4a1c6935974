using TorchSharp;
using static TorchSharp.torch;

namespace MnistVae;

/// <summary>
/// Inverse autoregressive flows that see a context, with the elements turned back to front between them: what makes
/// q(z | x) more than a product of Normals (Kingma et al. 2016). Their networks and the context are as wide as the encoder's last
/// hidden layer.
/// </summary>
public sealed class FlowChain : IDisposable
{
    private readonly InverseAutoregressiveFlow[] flows;
    private readonly PermuteTransform reversal;

    public FlowChain(TrainOptions options, Device device)
    {
        int width = options.Hidden[^1];
        var key = new RandomKey(options.Seed).Fold("flows");
        flows = [.. Enumerable.Range(0, options.Flows).Select(i => new InverseAutoregressiveFlow(options.Latent, [width], key.Fold(i), width))];
        Array.ForEach(flows, flow => flow.Network.to(device));
        reversal = PermuteTransform.Reversed(options.Latent);
    }

    /// <summary>The length of the context.</summary>
    public int ContextLength => flows[0].ContextLength;

    /// <summary>The transforms for a context, in the order in which they are applied.</summary>
    public Transform[] Given(Tensor context) =>
        [.. flows.SelectMany((flow, i) => i == 0 ? new Transform[] { flow.Given(context) } : [reversal, flow.Given(context)])];

    public void Dispose() => Array.ForEach(flows, flow => flow.Dispose());
}
