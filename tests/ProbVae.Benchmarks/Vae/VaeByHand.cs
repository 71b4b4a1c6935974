using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;
using Adam = TorchSharp.Modules.Adam;
using Sequential = TorchSharp.Modules.Sequential;

namespace ProbVae.Benchmarks;

/// <summary>A step of the same VAE as one writes it without an engine: networks, cross-entropy, the KL term's formula, Adam.</summary>
internal sealed class VaeByHand : IContender
{
    private readonly Tensor _images = VaeProblem.Data();
    private readonly Encoder _encoder;
    private readonly Sequential _decoder;
    private readonly Adam _optimizer;

    public VaeByHand()
    {
        (_encoder, _decoder) = VaeProblem.Networks();
        _optimizer = optim.Adam(_encoder.parameters().Concat(_decoder.parameters()), lr: VaeProblem.LearningRate);
    }

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
        var (loc, logScale) = _encoder.call(_images);
        var scale = logScale.exp();
        var logits = _decoder.call(loc + scale * noise);
        var crossEntropy = binary_cross_entropy_with_logits(logits, _images, reduction: Reduction.Sum);
        var kl = 0.5 * (scale.square() + loc.square() - 1).sum() - logScale.sum();
        var loss = (crossEntropy + kl) * ((double)VaeProblem.Images / VaeProblem.Batch);
        loss.backward();
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
        _images.Dispose();
    }
}
