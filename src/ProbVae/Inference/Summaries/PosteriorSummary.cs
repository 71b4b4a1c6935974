using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What a posterior says of each number, as a table.</summary>
/// <param name="Rows">A row for each number of each site.</param>
public sealed record PosteriorSummary(IReadOnlyList<SummaryRow> Rows)
{
    // A table of more rows is no reading matter; the rows themselves are all there.
    private const int Shown = 60;

    private static readonly IEnumerable<string> OfChains = ["R-hat", "bulk size", "tail size", "error of mean"];

    // Vehtari et al. 2021.
    private const double GreatestRHat = 1.01;

    /// <summary>What speaks against the draws, in sentences; of a guide's draws nothing.</summary>
    public IReadOnlyList<string> Warnings { get => [.. field, .. Unmixed()]; init; } = [];

    /// <summary>The row of a number.</summary>
    /// <param name="name">As the table names it: <c>mu</c>, or <c>theta[0, 2]</c> in a tensor.</param>
    /// <exception cref="KeyNotFoundException">There is no such number.</exception>
    public SummaryRow this[string name] => Rows.FirstOrDefault(row => row.Name == name)
        ?? throw new KeyNotFoundException($"The summary has no row '{name}'; its first rows are {string.Join(", ", Rows.Take(6).Select(row => row.Name))}.");

    /// <summary>The table, at most 60 rows of it, and the warnings.</summary>
    public override string ToString()
    {
        var chains = Rows.Any(row => row.Chains is not null);
        return string.Join(Environment.NewLine, [
            TextTable.Render(
                ["", "mean", "sd", "5 %", "median", "95 %", .. chains ? OfChains : []],
                Rows.Take(Shown).Select(row => (string[])[row.Name, Text(row.Mean), Text(row.StandardDeviation), Text(row.Lower), Text(row.Median), Text(row.Upper), .. chains ? Text(row.Chains!) : []])),
            .. Rows.Count > Shown ? new[] { $"  … and {Rows.Count - Shown} more rows" } : [],
            .. Warnings]);
    }

    private IEnumerable<string> Unmixed()
    {
        var unmixed = Rows.Where(row => row.Chains?.RHat > GreatestRHat).OrderByDescending(row => row.Chains!.RHat).ToList();
        if (unmixed.Count > 0)
        {
            yield return FormattableString.Invariant($"R-hat is above {GreatestRHat} for {unmixed.Count} of {Rows.Count} numbers, {unmixed[0].Chains!.RHat:F3} for {unmixed[0].Name}: the chains have not settled on one distribution. Take a longer warmup and more draws; where it stays, the posterior has several modes, or numbers that the data do not tell apart.");
        }
    }

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);

    private static string[] Text(ChainStatistics chains) => [
        chains.RHat.ToString("F3", CultureInfo.InvariantCulture), chains.BulkSize.ToString("F0", CultureInfo.InvariantCulture), chains.TailSize.ToString("F0", CultureInfo.InvariantCulture), chains.MeanError.ToString("G2", CultureInfo.InvariantCulture)];
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
    /// <summary>What the chains' draws say of themselves; null for draws from a guide.</summary>
    public ChainStatistics? Chains { get; init; }

    internal static IEnumerable<SummaryRow> Of(SiteHandle site, Tensor draws, SampledChains? chains, RankNormalization? ranks)
    {
        var numbers = draws.detach().cpu().to(ScalarType.Float64).reshape(draws.shape[0], -1);
        var quantile = SampleQuantiles.Of(numbers);
        double[] mean = Host(numbers.mean([0L])), spread = Host(numbers.std(0)), lower = Host(quantile(0.05)), median = Host(quantile(0.5)), upper = Host(quantile(0.95));
        var places = Places(draws.shape[1..]).ToArray();
        return places.Select((place, i) => new SummaryRow($"{site.Name}{place}", mean[i], spread[i], lower[i], median[i], upper[i])
        {
            Chains = chains is null ? null : ChainStatistics.Of(chains.Of(Host(numbers.select(1, i))), ranks!),
        });
    }

    private static double[] Host(Tensor numbers) => numbers.contiguous().data<double>().ToArray();

    /// <summary>The places of a tensor's numbers, as names end: nothing for a single number.</summary>
    internal static IEnumerable<string> Places(long[] shape) => shape.Length == 0 ? [""] : shape
        .Aggregate((IEnumerable<long[]>)[[]], (places, size) => places.SelectMany(place => Enumerable.Range(0, (int)size).Select(i => (long[])[.. place, i])).ToArray())
        .Select(place => $"[{string.Join(", ", place)}]");
}
