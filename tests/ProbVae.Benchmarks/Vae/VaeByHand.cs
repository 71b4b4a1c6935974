using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;
using Adam = TorchSharp.Modules.Adam;

namespace ProbVae.Benchmarks;

/// <summary>A step of the same VAE as one writes it without an engine: networks, cross-entropy, the KL term's formula, Adam.</summary>
internal sealed class VaeByHand : IContender
{
    private readonly VaeNetworks _networks;
    private readonly Adam _optimizer;

    public VaeByHand(VaeNetworks networks)
    {
        _networks = networks;
        _optimizer = optim.Adam(networks.Encoder.parameters().Concat(networks.Decoder.parameters()), lr: VaeProblem.LearningRate);
    }

    public string Name => "by hand";

    public long Batch => _networks.Batch;

    public double Step()
    {
        using var scope = NewDisposeScope();
        return Step(randn(_networks.Batch, VaeProblem.Latents));
    }

    /// <summary>A step with given noise, for the check that both compute the same.</summary>
    public double Step(Tensor noise)
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        var (loc, logScale) = _networks.Encoder.call(_networks.Images);
        var scale = logScale.exp();
        var logits = _networks.Decoder.call(loc + scale * noise);
        var crossEntropy = binary_cross_entropy_with_logits(logits, _networks.Images, reduction: Reduction.Sum);
        var kl = 0.5 * (scale.square() + loc.square() - 1).sum() - logScale.sum();
        var loss = (crossEntropy + kl) * ((double)VaeProblem.Images / _networks.Batch);
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
