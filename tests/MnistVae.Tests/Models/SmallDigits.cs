
namespace MnistVae.Tests.Models;

/// <summary>A few drawn digits and small options, for models that take a few steps.</summary>
public static class SmallDigits
{
    public const int Count = 48;

    public static TrainOptions Options { get; } = new() { Binarize = Binarization.Static, Latent = 3, Hidden = [16], Activation = Activation.Elu, Epochs = 1, Batch = 16, Seed = 5 };

    public static DigitData Data(Binarization binarization = Binarization.Static)
    {
        var (train, test) = ProceduralDigits.Draw(seed: 3, Count, 16);
        var source = new DataSource("drawn", DataOrigin.Procedural, "seed 3", "grey", Count, 0, 16, [], []);
        return binarization == Binarization.Static
            ? new DigitData(Binarizer.DrawOnce(train, 0), null, Binarizer.DrawOnce(test, 1), source)
            : new DigitData(train, null, test, source);
    }

    /// <summary>All the images at once.</summary>
    public static ImageBatch Batch(TrainOptions options) =>
        new Batches(Data(options.Binarize).Train, options.Binarize, options.Seed).Load([.. Enumerable.Range(0, Count)], epoch: 0);

    public static Session Session(TrainOptions options) => new(options, Count, DeviceKind.Cpu, threads: 1);

    public static Vae Vae(TrainOptions options) => new(options, Count);

    /// <summary>The mean bound an image, and its parts, over a set.</summary>
    /// <param name="total">How many training images the run has: a plate of so many has no room for more at once.</param>
    public static TermMeans Measure(Session session, Batches batches, int size, int total) =>
        TermMeans.Measure(session.Svi, batches.InOrder(Math.Min(size, total), session.Vae.Device), total, session.BoundOf, CancellationToken.None);
}
