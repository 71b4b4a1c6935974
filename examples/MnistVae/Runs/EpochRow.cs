using System.Globalization;

namespace MnistVae.Runs;

/// <summary>One line of history.csv; terms are in nats an image.</summary>
/// <param name="Elbo">Of the training images, the bound that the run is about: reconstruction minus KL, or the importance weighted bound.</param>
/// <param name="TestElbo">Null in epochs without a test; so are the test's terms, which older histories lack.</param>
/// <param name="GradientNorm">The mean, over every tenth step of the epoch, of the Euclidean norm of the gradient of the loss an image, before clipping; null in older histories.</param>
/// <param name="Seconds">Wall-clock time of this epoch.</param>
public sealed record EpochRow(
    int Epoch,
    double Elbo,
    double Reconstruction,
    double Kl,
    double? TestElbo,
    double? TestReconstruction,
    double? TestKl,
    double? GradientNorm,
    double ImagesPerSecond,
    double Seconds)
    : IHistoryRow<EpochRow>
{
    public static string Header => "epoch,elbo,reconstruction,kl,test_elbo,test_reconstruction,test_kl,gradient_norm,images_per_second,seconds";

    public long Place => Epoch;

    public string ToCsv() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Epoch},{Elbo:R},{Reconstruction:R},{Kl:R},{TestElbo:R},{TestReconstruction:R},{TestKl:R},{GradientNorm:R},{ImagesPerSecond:F1},{Seconds:F3}");

    public static bool IsHeader(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] names = line.Split(',');
        return new[] { "epoch", "elbo", "reconstruction", "kl", "images_per_second", "seconds" }.All(names.Contains) && names.Distinct().Count() == names.Length;
    }

    public static EpochRow? TryParse(string line, string header)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(header);
        string[] names = header.Split(',');
        string[] cells = line.Split(',');
        if (cells.Length != names.Length)
        {
            return null;
        }

        // A cell of an optional column is empty or a number.
        if (Enumerable.Range(0, cells.Length).Any(column => cells[column].Length > 0 && Header.Split(',').Contains(names[column]) && Number(cells[column]) is null))
        {
            return null;
        }

        double? At(string name) => Array.IndexOf(names, name) is >= 0 and var column ? Number(cells[column]) : null;
        return (At("epoch"), At("elbo"), At("reconstruction"), At("kl"), At("images_per_second"), At("seconds")) is ({ } epoch, { } elbo, { } reconstruction, { } kl, { } speed, { } seconds) && double.IsInteger(epoch) && epoch is >= 1 and <= int.MaxValue
            ? new EpochRow((int)epoch, elbo, reconstruction, kl, At("test_elbo"), At("test_reconstruction"), At("test_kl"), At("gradient_norm"), speed, seconds)
            : null;
    }

    private static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
