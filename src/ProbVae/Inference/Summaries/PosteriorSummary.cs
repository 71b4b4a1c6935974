using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What a posterior says of each number, as a table.</summary>
/// <param name="Rows">A row for each number of each site.</param>
public sealed record PosteriorSummary(IReadOnlyList<SummaryRow> Rows)
{
    // A table of more rows is no reading matter; the rows themselves are all there.
    private const int Shown = 60;

    /// <summary>The row of a number.</summary>
    /// <param name="name">As the table names it: <c>mu</c>, or <c>theta[0, 2]</c> in a tensor.</param>
    /// <exception cref="KeyNotFoundException">There is no such number.</exception>
    public SummaryRow this[string name] => Rows.FirstOrDefault(row => row.Name == name)
        ?? throw new KeyNotFoundException($"The summary has no row '{name}'; its first rows are {string.Join(", ", Rows.Take(6).Select(row => row.Name))}.");

    /// <summary>The table, at most 60 rows of it.</summary>
    public override string ToString() => string.Join(Environment.NewLine, [
        TextTable.Render(
            ["", "mean", "sd", "5 %", "median", "95 %"],
            Rows.Take(Shown).Select(row => new[] { row.Name, Text(row.Mean), Text(row.StandardDeviation), Text(row.Lower), Text(row.Median), Text(row.Upper) })),
        .. Rows.Count > Shown ? new[] { $"  … and {Rows.Count - Shown} more rows" } : []]);

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
}

/// <summary>One number of a posterior, in the model's own space.</summary>
/// <param name="Name">The site, and the place in its tensor.</param>
/// <param name="Mean">The mean of the draws.</param>
/// <param name="StandardDeviation">Their standard deviation.</param>
/// <param name="Lower">Their 5 % quantile.</param>
/// <param name="Median">Their median.</param>
/// <param name="Upper">Their 95 % quantile.</param>
public sealed record SummaryRow(string Name, double Mean, double StandardDeviation, double Lower, double Median, double Upper)
{
    internal static IEnumerable<SummaryRow> Of(SiteHandle site, Tensor draws)
    {
        var numbers = draws.detach().cpu().to(ScalarType.Float64).reshape(draws.shape[0], -1);
        var quantile = SampleQuantiles.Of(numbers);
        double[] mean = Host(numbers.mean([0L])), spread = Host(numbers.std(0)), lower = Host(quantile(0.05)), median = Host(quantile(0.5)), upper = Host(quantile(0.95));
        var places = Places(draws.shape[1..]).ToArray();
        return places.Select((place, i) => new SummaryRow($"{site.Name}{place}", mean[i], spread[i], lower[i], median[i], upper[i]));
    }

    private static double[] Host(Tensor numbers) => numbers.contiguous().data<double>().ToArray();

    private static IEnumerable<string> Places(long[] shape) => shape.Length == 0 ? [""] : shape
        .Aggregate((IEnumerable<long[]>)[[]], (places, size) => places.SelectMany(place => Enumerable.Range(0, (int)size).Select(i => (long[])[.. place, i])).ToArray())
        .Select(place => $"[{string.Join(", ", place)}]");
}
