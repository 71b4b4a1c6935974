using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ProbVae.Benchmarks;

/// <summary>
/// A VAE whose posterior is two inverse autoregressive flows of 200 units over the encoder's Normal, with the encoder's hidden layer as
/// context and the elements turned back to front between them: 784-200-10-200-784, ReLU, batch 128. Each contender has its own.
/// </summary>
internal sealed class FlowNetworks : IDisposable
{
    public const double GateBias = 2;

    public FlowNetworks()
    {
        manual_seed(1);
        Hidden = Linear(VaeProblem.Pixels, VaeProblem.Hidden);
        Loc = Linear(VaeProblem.Hidden, VaeProblem.Latents);
        LogScale = Linear(VaeProblem.Hidden, VaeProblem.Latents);
        Decoder = Sequential(Linear(VaeProblem.Latents, VaeProblem.Hidden), ReLU(), Linear(VaeProblem.Hidden, VaeProblem.Pixels));
        Flows = [.. Enumerable.Range(0, 2).Select(i => new InverseAutoregressiveFlow(VaeProblem.Latents, [VaeProblem.Hidden], new RandomKey(i), VaeProblem.Hidden))];
        Images = VaeProblem.Data();
    }

    public Module<Tensor, Tensor> Hidden { get; }

    public Module<Tensor, Tensor> Loc { get; }

    public Module<Tensor, Tensor> LogScale { get; }

    public Module<Tensor, Tensor> Decoder { get; }

    public IReadOnlyList<InverseAutoregressiveFlow> Flows { get; }

    public Tensor Images { get; }

    public IEnumerable<Module<Tensor, Tensor>> All => [Hidden, Loc, LogScale, Decoder, .. Flows.Select(flow => flow.Network)];

    public void Dispose()
    {
        foreach (var module in All)
        {
            module.Dispose();
        }

        Images.Dispose();
    }
}
