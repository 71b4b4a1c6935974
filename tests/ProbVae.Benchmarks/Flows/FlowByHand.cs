using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;
using Adam = TorchSharp.Modules.Adam;

namespace ProbVae.Benchmarks;

/// <summary>A step of the VAE with flows as one writes it without an engine: the masked networks as they are, the flows' formulas, one draw.</summary>
internal sealed class FlowByHand : IContender
{
    private readonly FlowNetworks _networks = new();
    private readonly Adam _optimizer;

    public FlowByHand() => _optimizer = optim.Adam(_networks.All.SelectMany(module => module.parameters()), lr: VaeProblem.LearningRate);

    public string Name => "by hand";

    public double Step()
    {
        using var scope = NewDisposeScope();
        return Step(randn(VaeProblem.Batch, VaeProblem.Latents));
    }

    /// <summary>A step with given noise, for the check that both compute the same.</summary>
    public double Step(Tensor noise)
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var context = _networks.Hidden.call(_networks.Images).relu();
        var logScale = _networks.LogScale.call(context);
        var z = _networks.Loc.call(context) + logScale.exp() * noise;
        var logDeterminant = logScale.sum();
        foreach (var (depth, flow) in _networks.Flows.Index())
        {
            z = depth == 0 ? z : z.flip(-1);
            var numbers = flow.Network.call(cat([z, context], -1)).chunk(2, -1);
            var gate = numbers[1] + FlowNetworks.GateBias;
            z = numbers[0] + gate.sigmoid() * (z - numbers[0]);
            logDeterminant += gate.log_sigmoid().sum();
        }

        // log q = −ε²/2 − log |det| and log p = −z²/2; the log √(2π) of both cancel.
        var kl = 0.5 * (z.square().sum() - noise.square().sum()) - logDeterminant;
        var crossEntropy = binary_cross_entropy_with_logits(_networks.Decoder.call(z), _networks.Images, reduction: Reduction.Sum);
        var loss = (crossEntropy + kl) * ((double)VaeProblem.Images / VaeProblem.Batch);
        loss.backward();
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _networks.Dispose();
    }
}
