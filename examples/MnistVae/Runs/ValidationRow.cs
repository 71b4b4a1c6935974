using System.Globalization;

namespace MnistVae.Runs;

/// <summary>One line of validation.csv: the validation images after a step; terms are in nats an image.</summary>
/// <param name="Step">Gradient steps taken before.</param>
/// <param name="Seconds">Wall-clock time of this measurement.</param>
public sealed record ValidationRow(long Step, double Elbo, double Reconstruction, double Kl, double Seconds)
    : IHistoryRow<ValidationRow>
{
    private const int ColumnCount = 5;

    // Beyond it not every whole number is a double.
    private const double MostSteps = 1L << 53;

    public static string Header => "step,elbo,reconstruction,kl,seconds";

    public long Place => Step;

    public string ToCsv() => string.Create(CultureInfo.InvariantCulture, $"{Step},{Elbo:R},{Reconstruction:R},{Kl:R},{Seconds:F3}");

    public static bool IsHeader(string line) => line == Header;

    public static ValidationRow? TryParse(string line, string header)
    {
        ArgumentNullException.ThrowIfNull(line);
        double[] values = [.. line.Split(',').Select(Number).OfType<double>()];
        return values is [var step, var elbo, var reconstruction, var kl, var seconds] && line.Count(letter => letter == ',') == ColumnCount - 1 && double.IsInteger(step) && step is >= 0 and < MostSteps
            ? new ValidationRow((long)step, elbo, reconstruction, kl, seconds)
            : null;
    }

    private static double? Number(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;
}
