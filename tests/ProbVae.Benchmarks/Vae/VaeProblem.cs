using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Sequential = TorchSharp.Modules.Sequential;

namespace ProbVae.Benchmarks;

/// <summary>What the contenders of the VAE comparison share: 784-200-10-200-784, ReLU, batch 128, grey images.</summary>
internal static class VaeProblem
{
    public const int Pixels = 784;
    public const int Hidden = 200;
    public const int Latents = 10;
    public const int Batch = 128;
    public const int Images = 60_000;
    public const double LearningRate = 0.01;

    /// <summary>Encoder and decoder, with the same weights each time.</summary>
    public static (Encoder Encoder, Sequential Decoder) Networks()
    {
        manual_seed(1);
        var encoder = new Encoder();
        return (encoder, Sequential(Linear(Latents, Hidden), ReLU(), Linear(Hidden, Pixels)));
    }

    /// <summary>Grey pixels, four of five black, as digits have; the time of a step does not depend on the picture.</summary>
    public static Tensor Data()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        return (rand(Batch, Pixels) * 5 - 4).clamp_min(0).MoveToOuterDisposeScope();
    }
}
