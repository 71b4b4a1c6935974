using static TorchSharp.torch;
using Adam = TorchSharp.Modules.Adam;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Benchmarks;

/// <summary>
/// What no engine can take away from a step of the VAE: its networks, the formulas of cross-entropy and KL term without a graph, the
/// gradients that they start a backward pass with, and Adam's fused kernel. No plates, no checks, no report.
/// </summary>
internal sealed class VaeWithoutEngine : IContender
{
    private readonly VaeNetworks _networks;
    private readonly Parameter[] _parameters;
    private readonly Adam _optimizer;
    private readonly FusedUpdate _update;

    public VaeWithoutEngine(VaeNetworks networks)
    {
        _networks = networks;
        _parameters = [.. networks.Encoder.parameters(), .. networks.Decoder.parameters()];
        _optimizer = optim.Adam(_parameters, lr: VaeProblem.LearningRate);
        _update = new(_optimizer);
    }

    public string Name => "the same levers, no engine";

    public double Step()
    {
        using var scope = NewDisposeScope();
        return Step(randn(_networks.Batch, VaeProblem.Latents));
    }

    /// <summary>A step with given noise, for the check that it computes the same.</summary>
    public double Step(Tensor noise)
    {
        using var scope = NewDisposeScope();
        Array.ForEach(_parameters, parameter => parameter.grad = null);
        var images = _networks.Images;
        var scaled = (double)VaeProblem.Images / _networks.Batch;
        var (loc, logScale) = _networks.Encoder.call(images);
        var scale = logScale.exp();
        var logits = _networks.Decoder.call(loc + scale * noise);
        double loss;
        Tensor ofLogits, ofLoc, ofLogScale;
        using (no_grad())
        {
            var crossEntropy = logits.softplus().sub_(images.mul(logits)).sum();
            var kl = scale.square().add_(loc.square()).sub_(1).sum().mul_(0.5).sub_(logScale.sum());
            loss = scaled * (crossEntropy.item<float>() + kl.item<float>());
            (ofLogits, ofLoc, ofLogScale) = (logits.sigmoid().sub_(images).mul_(scaled), loc.mul(scaled), scale.square().sub_(1).mul_(scaled));
        }

        autograd.backward([logits, loc, logScale], [ofLogits, ofLoc, ofLogScale]);
        _update.Step();
        return loss;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _networks.Dispose();
    }
}
