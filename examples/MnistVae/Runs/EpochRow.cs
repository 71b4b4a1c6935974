using System.Globalization;

namespace MnistVae.Runs;

/// <summary>One line of history.csv; terms are in nats an image.</summary>
/// <param name="Elbo">Of the training images; reconstruction minus KL.</param>
/// <param name="TestElbo">Null in epochs without a test.</param>
/// <param name="Seconds">Wall-clock time of this epoch.</param>
public sealed record EpochRow(int Epoch, double Elbo, double Reconstruction, double Kl, double? TestElbo, double ImagesPerSecond, double Seconds)
    : IHistoryRow<EpochRow>
{
    private const int ColumnCount = 7;

    public static string Header => "epoch,elbo,reconstruction,kl,test_elbo,images_per_second,seconds";

    public long Place => Epoch;

    public string ToCsv() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Epoch},{Elbo:R},{Reconstruction:R},{Kl:R},{TestElbo:R},{ImagesPerSecond:F1},{Seconds:F3}");

    public static EpochRow? TryParse(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] cells = line.Split(',');
        if (cells.Length != ColumnCount || !int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out int epoch))
        {
            return null;
        }

        double?[] values = [.. cells.Skip(1).Select(Number)];
        return values is [{ } elbo, { } reconstruction, { } kl, var test, { } speed, { } seconds]
            ? new EpochRow(epoch, elbo, reconstruction, kl, test, speed, seconds)
            : null;
    }

    private static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
