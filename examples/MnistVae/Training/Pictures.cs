using MnistVae.Data;
using MnistVae.Images;
using MnistVae.Models;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>The pictures of a run.</summary>
public static class Pictures
{
    public const string Samples = "samples.png";
    public const string Reconstructions = "reconstructions.png";

    /// <summary>New digits: the likelihood's means at codes from the prior.</summary>
    public static void DrawSamples(Vae vae, int count, int columns, long seed, string path)
    {
        ArgumentNullException.ThrowIfNull(vae);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var digits = vae.Imagine(count, new RandomKey(unchecked((ulong)seed)));
        PngWriter.Save(ContactSheet.Grid(Floats(digits), columns), path);
    }

    /// <summary>Test images over their reconstructions.</summary>
    public static void DrawReconstructions(Vae vae, Batches test, int count, int columns, long seed, string path)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(test);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int[] chosen = [.. Enumerable.Range(0, Math.Min(count, test.Count)).Select(i => (int)((long)i * test.Count / Math.Min(count, test.Count)))];
        var images = test.Tensor(chosen, epoch: 0, vae.Device);
        var reconstructed = vae.Reconstruct(images, new RandomKey(unchecked((ulong)seed)));
        PngWriter.Save(ContactSheet.Pairs(Floats(images), Floats(reconstructed), columns), path);
    }

    private static float[] Floats(Tensor images) => images.cpu().contiguous().data<float>().ToArray();
}
