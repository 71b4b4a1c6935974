using MnistVae.Commands;
using ProbVae;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistVae.Models;

/// <summary>
/// Inverse autoregressive flows that see a context, with the elements turned back to front between them: what makes
/// q(z | x) more than a product of Normals (Kingma et al. 2016).
/// </summary>
public sealed class FlowChain : IDisposable
{
    private readonly InverseAutoregressiveFlow[] flows;
    private readonly PermuteTransform reversal;

    private FlowChain(InverseAutoregressiveFlow[] flows, int dimension)
    {
        this.flows = flows;
        reversal = PermuteTransform.Reversed(dimension);
    }

    /// <summary>The length of the context.</summary>
    public int ContextLength => flows[0].ContextLength;

    /// <summary>As many flows as the options say; their networks and context are as wide as the encoder's last hidden layer.</summary>
    public static FlowChain Of(TrainOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var width = options.Hidden[^1];
        var key = new RandomKey(options.Seed).Fold("flows");
        return new([.. Enumerable.Range(0, options.Flows).Select(i => new InverseAutoregressiveFlow(options.Latent, [width], key.Fold(i), width))], options.Latent);
    }

    /// <summary>The transforms for a context, in the order in which they are applied.</summary>
    public Transform[] Given(Tensor context)
    {
        var chain = flows.SelectMany((flow, i) => i == 0 ? new Transform[] { flow.Given(context) } : [reversal, flow.Given(context)]);
        return [.. chain];
    }

    public void To(Device device) => Array.ForEach(flows, flow => flow.Network.to(device));

    public void Dispose() => Array.ForEach(flows, flow => flow.Dispose());
}
