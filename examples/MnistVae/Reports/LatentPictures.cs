using MnistVae.Data;
using MnistVae.Images;
using MnistVae.Models;
using ProbVae;
using static TorchSharp.torch;

namespace MnistVae.Reports;

/// <summary>Pictures of what lies in the latent space, and between images.</summary>
public static class LatentPictures
{
    private const int GridSide = 20;
    private const int Pairs = 8;
    private const int Steps = 10;
    private const int MostAtOnce = 250;

    /// <summary>
    /// The means at a grid of codes of two numbers: evenly spaced in probability under the prior, as its inverse distribution function
    /// spreads them (Kingma and Welling 2014, appendix A).
    /// </summary>
    /// <returns>The picture, and whether the grid is the prior's own; a prior without such a function gets that of Normal(0, 1).</returns>
    public static (byte[] Picture, bool IsOfPrior) Manifold(Vae vae, int images)
    {
        ArgumentNullException.ThrowIfNull(vae);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        float[] quantiles = [.. Enumerable.Range(0, GridSide).SelectMany(row => Enumerable.Range(0, GridSide)
            .SelectMany(column => new[] { (column + 0.5f) / GridSide, 1 - ((row + 0.5f) / GridSide) }))];
        var probabilities = tensor(quantiles, [GridSide * GridSide, 2], device: vae.Device);
        using var blank = new ImageBatch(zeros(1, DigitSet.PixelCount, device: vae.Device), null);
        var prior = vae.Generative.Trace(blank, new RandomKey(0))[vae.Code].Distribution;
        bool isOfPrior = prior is Normal or Laplace;
        var codes = (isOfPrior ? prior : Normal.Standard(2)).InverseCdf(probabilities);
        return (ContactSheet.Grid(Decode(vae, codes, images, null), GridSide), isOfPrior);
    }

    /// <summary>Test images at both ends of each row, and between them the means at codes on the line between theirs.</summary>
    public static byte[] Interpolations(Vae vae, Batches test, int images, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(vae);
        ArgumentNullException.ThrowIfNull(test);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int pairs = Math.Max(1, Math.Min(Pairs, Math.Min(test.Count, images) / 2));
        // Files may be sorted by class: the partner lies half the file away.
        int[] chosen = [.. Enumerable.Range(0, 2 * pairs).Select(i => (int)((((long)(i / 2) * test.Count / pairs) + (i % 2 * ((test.Count + 1) / 2))) % test.Count))];
        using var batch = test.Load(chosen, epoch: 0, vae.Device);
        var codes = Encode(vae, batch, images, key);
        byte[]? labels = vae.ReadsLabels ? test.Labels(chosen) : null;
        var rows = new List<float>();
        float[] originals = Floats(batch.Images);
        for (var pair = 0; pair < chosen.Length / 2; pair++)
        {
            var (from, to) = (codes[2 * pair], codes[(2 * pair) + 1]);
            var line = stack([.. Enumerable.Range(0, Steps).Select(step => from + ((to - from) * (step / (Steps - 1.0))))]);
            rows.AddRange(originals.AsSpan(2 * pair * DigitSet.PixelCount, DigitSet.PixelCount));
            rows.AddRange(Decode(vae, line, images, labels?[2 * pair]));
            rows.AddRange(originals.AsSpan(((2 * pair) + 1) * DigitSet.PixelCount, DigitSet.PixelCount));
        }

        return ContactSheet.Grid(rows.ToArray(), Steps + 2);
    }

    // A run cannot have more images than there are to train with, not even the two of one pair.
    private static Tensor Encode(Vae vae, ImageBatch batch, int images, RandomKey key)
    {
        var (pixels, labels) = (batch.Images.split(images), batch.Labels?.split(images));
        return cat([.. pixels.Select((part, i) =>
        {
            var site = vae.Recognition.Trace(new ImageBatch(part, labels?[i]), i == 0 ? key : key.Fold(i))[vae.Code];
            return site.Distribution is Normal normal ? normal.Mean.expand(site.Value.shape) : site.Value;
        })]);
    }

    // A run cannot have more images than there are to train with; a conditional model's labels run through the digits, of which one is kept.
    private static float[] Decode(Vae vae, Tensor codes, int images, byte? digit)
    {
        int copies = digit is null ? 1 : ImageBatch.Classes;
        int atOnce = Math.Max(1, Math.Min(MostAtOnce, images) / copies);
        var pixels = new List<float>();
        for (var first = 0; first < codes.shape[0]; first += atOnce)
        {
            var part = codes.narrow(0, first, Math.Min(atOnce, codes.shape[0] - first));
            var means = vae.Decode(part.repeat_interleave(copies, 0));
            pixels.AddRange(Floats(digit is { } kept ? means.reshape([-1, copies, DigitSet.PixelCount]).select(1, kept) : means));
        }

        return [.. pixels];
    }

    private static float[] Floats(Tensor images) => images.cpu().contiguous().data<float>().ToArray();
}
