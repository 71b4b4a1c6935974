using ProbVae.Reports;
using static TorchSharp.torch;

namespace MnistVae;

/// <summary>The pictures of a run, as the bytes of PNG files.</summary>
public static class Pictures
{
    public const string Samples = "samples.png";
    public const string Reconstructions = "reconstructions.png";

    private const int GridSide = 20;
    private const int Pairs = 8;
    private const int Steps = 10;

    /// <summary>New digits: the likelihood's means at codes from the prior.</summary>
    public static byte[] OfSamples(Vae vae, int count = 100, int columns = 10, long seed = 0) =>
        Drawn(() => Sheet(columns, vae.Imagine(count, new RandomKey(seed))));

    /// <summary>Test images over their reconstructions.</summary>
    public static byte[] OfReconstructions(Vae vae, DigitSet test, int count = 40, int columns = 10, long seed = 0) => Drawn(() =>
    {
        using var images = test.Load(vae.Device, test.Spaced(count));
        return Sheet(columns, images.Images, vae.Reconstruct(images, new RandomKey(seed)));
    });

    /// <summary>Test images over what the model makes of them with one half hidden.</summary>
    public static byte[] OfCompletions(Vae vae, DigitSet test, CompleteOptions options, CancellationToken cancellation) => Drawn(() =>
    {
        using var images = test.Load(vae.Device, test.Spaced(options.Count));
        bool[] isHidden = [.. Enumerable.Range(0, DigitSet.PixelCount).Select(pixel => IsIn(options.Hide, pixel))];
        var completed = vae.Complete(images, tensor(isHidden, device: vae.Device), options.Rounds, new RandomKey(options.Seed), cancellation);
        return Sheet(options.Columns, images.Images, completed);
    });

    /// <summary>
    /// The means at a grid of codes of two numbers: evenly spaced in probability under the prior, as its inverse distribution function
    /// spreads them (Kingma and Welling 2014, appendix A).
    /// </summary>
    /// <returns>The picture, and whether the grid is the prior's own; a prior without such a function gets that of Normal(0, 1).</returns>
    public static (byte[] Picture, bool IsOfPrior) OfManifold(Vae vae)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        float[] quantiles = [.. from row in Enumerable.Range(0, GridSide) from column in Enumerable.Range(0, GridSide)
                                from at in new[] { (column + 0.5f) / GridSide, 1 - ((row + 0.5f) / GridSide) } select at];
        var prior = vae.PriorOfCode();
        bool isOfPrior = prior is Normal or Laplace;
        var codes = (isOfPrior ? prior : Normal.Standard(2)).InverseCdf(tensor(quantiles, [GridSide * GridSide, 2], device: vae.Device));
        return (Sheet(GridSide, vae.Decode(codes)), isOfPrior);
    }

    /// <summary>Test images at both ends of each row, and between them the means at codes on the line between theirs.</summary>
    public static byte[] OfInterpolations(Vae vae, DigitSet test, long seed) => Drawn(() =>
    {
        var places = test.Spaced(Math.Max(1, Math.Min(Pairs, test.Count / 2)));
        // Files may be sorted by class: the partner lies half the file away.
        var partners = new Rows(places.Indices.Select(place => (place + ((test.Count + 1) / 2)) % test.Count));
        using var lefts = test.Load(vae.Device, places);
        using var rights = test.Load(vae.Device, partners);
        var (from, to) = (vae.Encode(lefts, new RandomKey(seed)), vae.Encode(rights, new RandomKey(seed).Fold("right")));
        var along = linspace(0, 1, Steps, device: vae.Device).unsqueeze(-1);
        var sheet = new List<Tensor>();
        for (int row = 0; row < places.Count; row++)
        {
            int? digit = vae.ReadsLabels ? (int)lefts.Labels![row].argmax().item<long>() : null;
            sheet.AddRange([lefts.Images[row].unsqueeze(0), vae.Decode(from[row].lerp(to[row], along), digit), rights.Images[row].unsqueeze(0)]);
        }

        return Sheet(Steps + 2, cat(sheet));
    });

    private static byte[] Drawn(Func<byte[]> draw)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return draw();
    }

    private static bool IsIn(ImageHalf half, int pixel) => half switch
    {
        ImageHalf.Left => pixel % DigitSet.Side < DigitSet.Side / 2,
        ImageHalf.Right => pixel % DigitSet.Side >= DigitSet.Side / 2,
        ImageHalf.Top => pixel < DigitSet.PixelCount / 2,
        _ => pixel >= DigitSet.PixelCount / 2,
    };

    private static byte[] Sheet(int columns, Tensor images, Tensor? below = null) =>
        ContactSheet.Png(images.reshape(-1, DigitSet.Side, DigitSet.Side), columns, below?.reshape(-1, DigitSet.Side, DigitSet.Side));
}
