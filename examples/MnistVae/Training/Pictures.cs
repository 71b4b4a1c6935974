using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Images;
using MnistVae.Models;
using MnistVae.Runs;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Training;

/// <summary>The pictures of a run.</summary>
public static class Pictures
{
    public const string Samples = "samples.png";
    public const string Reconstructions = "reconstructions.png";

    /// <summary>New digits: the likelihood's means at codes from the prior.</summary>
    public static void DrawSamples(Vae vae, int count, int columns, long seed, string path) =>
        AtomicFile.Write(path, stream => WriteSamples(vae, count, columns, seed, stream));

    /// <inheritdoc cref="DrawSamples"/>
    public static void WriteSamples(Vae vae, int count, int columns, long seed, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(vae);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var digits = vae.Imagine(count, new RandomKey(unchecked((ulong)seed)));
        stream.Write(ContactSheet.Grid(Floats(digits), columns));
    }

    /// <summary>Test images over their reconstructions.</summary>
    public static void DrawReconstructions(Vae vae, Batches test, int count, int columns, long seed, string path) =>
        AtomicFile.Write(path, stream => WriteReconstructions(vae, test, count, columns, seed, stream));

    /// <inheritdoc cref="DrawReconstructions"/>
    public static void WriteReconstructions(Vae vae, Batches test, int count, int columns, long seed, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(test);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var images = Chosen(vae, test, count);
        var reconstructed = vae.Reconstruct(images, new RandomKey(unchecked((ulong)seed)));
        stream.Write(ContactSheet.Pairs(Floats(images.Images), Floats(reconstructed), columns));
    }

    /// <summary>Test images over what the model makes of them with one half hidden.</summary>
    public static void DrawCompletions(Vae vae, Batches test, CompleteOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(options);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var images = Chosen(vae, test, options.Count);
        bool[] isHidden = [.. Enumerable.Range(0, DigitSet.PixelCount).Select(pixel => IsIn(options.Hide, pixel))];
        var hidden = tensor(isHidden, device: vae.Device);
        var completed = vae.Complete(images, hidden, options.Rounds, new RandomKey(unchecked((ulong)options.Seed)), cancellation);
        AtomicFile.Write(options.Out, stream => stream.Write(ContactSheet.Pairs(Floats(images.Images), Floats(completed), options.Columns)));
    }

    private static ImageBatch Chosen(Vae vae, Batches test, int count)
    {
        count = Math.Min(count, test.Count);
        int[] chosen = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * test.Count / count))];
        return test.Load(chosen, epoch: 0, vae.Device);
    }

    private static bool IsIn(ImageHalf half, int pixel) => half switch
    {
        ImageHalf.Left => pixel % DigitSet.Side < DigitSet.Side / 2,
        ImageHalf.Right => pixel % DigitSet.Side >= DigitSet.Side / 2,
        ImageHalf.Top => pixel < DigitSet.PixelCount / 2,
        _ => pixel >= DigitSet.PixelCount / 2,
    };

    private static float[] Floats(Tensor images) => images.cpu().contiguous().data<float>().ToArray();
}
