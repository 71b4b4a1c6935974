using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae;

/// <content>One posterior held against another.</content>
public sealed partial class Posterior
{
    /// <summary>
    /// How far the means and standard deviations of these draws are from those of a reference: of a guide from chains, say. Sites are those that
    /// both have.
    /// </summary>
    /// <param name="reference">Draws of the same model's posterior that are taken for the truth.</param>
    /// <exception cref="ModelException">The two have no site in common, or a site has another shape.</exception>
    public PosteriorComparison Compare(Posterior reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        SiteHandle[] common = [.. Sites.Intersect(reference.Sites)];
        if (common.Length == 0)
        {
            throw new ModelException($"Compare: the posterior of '{Model}' has the sites {string.Join(", ", Sites)}, and the reference, of '{reference.Model}', none of them but {string.Join(", ", reference.Sites)}; compare two posteriors of one model.");
        }

        if (common.FirstOrDefault(site => new Shape(this[site].shape)[1..] != new Shape(reference[site].shape)[1..]) is { } other)
        {
            throw new ModelException($"Compare: a draw of site '{other}' has shape {new Shape(this[other].shape)[1..]} here and {new Shape(reference[other].shape)[1..]} in the reference; compare two posteriors given the same data.");
        }

        return new([.. common.SelectMany(site => Moments(site).Zip(reference.Moments(site), ComparisonRow.Of))]);
    }

    // Each number's moments, with errors: of chains by their effective sizes, of independent draws by their number.
    private IEnumerable<SampledMoments> Moments(SiteHandle site)
    {
        var rows = SummaryRow.Of(site, this[site], Chains, Chains?.NewRanks());
        var numbers = this[site].detach().cpu().to(ScalarType.Float64).reshape(Draws, -1);
        var size = 1 / ((1.0 / Draws) + (Weights is null ? 0 : 1 / Weights.EffectiveSampleSize));
        var fourth = (numbers - numbers.mean([0L])).square().square().mean([0L]).data<double>().ToArray();
        return rows.Zip(fourth, (row, moment) => new SampledMoments(
            row.Name,
            row.Mean,
            row.StandardDeviation,
            row.Chains?.MeanError ?? (row.StandardDeviation / Math.Sqrt(size)),
            row.Chains?.DeviationError ?? (Math.Sqrt(Math.Max(0, moment - Math.Pow(row.StandardDeviation, 4)) / size) / 2 / row.StandardDeviation)));
    }
}

/// <summary>A mean and a standard deviation with their Monte Carlo errors.</summary>
internal sealed record SampledMoments(string Name, double Mean, double Deviation, double MeanError, double DeviationError);

/// <summary>Two posteriors of one model, number by number.</summary>
/// <param name="Rows">A row for each number of each site that both have.</param>
public sealed record PosteriorComparison(IReadOnlyList<ComparisonRow> Rows)
{
    private const int Shown = 60;

    // So many standard errors are no accident among some dozens of numbers.
    private const double Clear = 4;

    /// <summary>The row of a number.</summary>
    /// <param name="name">As the table names it: <c>mu</c>, or <c>theta[0, 2]</c> in a tensor.</param>
    /// <exception cref="KeyNotFoundException">There is no such number.</exception>
    public ComparisonRow this[string name] => Rows.FirstOrDefault(row => row.Name == name)
        ?? throw new KeyNotFoundException($"The comparison has no row '{name}'; its first rows are {string.Join(", ", Rows.Take(6).Select(row => row.Name))}.");

    /// <summary>The row whose mean is farthest off, in standard deviations of the reference.</summary>
    public ComparisonRow Farthest => Rows.MaxBy(row => Math.Abs(row.Difference))!;

    /// <summary>The table, at most 60 rows of it, and what it comes to.</summary>
    public override string ToString() => string.Join(Environment.NewLine, [
        TextTable.Render(
            ["", "mean", "reference", "difference (sds)", "sd ratio"],
            Rows.Take(Shown).Select(row => new[] { row.Name, Text(row.Mean), Text(row.Reference), With(row.Difference, row.DifferenceError), With(row.Ratio, row.RatioError) })),
        .. Rows.Count > Shown ? new[] { $"  … and {Rows.Count - Shown} more rows" } : [],
        Verdict()]);

    private string Verdict()
    {
        var (off, wide) = (Rows.Count(row => Math.Abs(row.Difference) > Clear * row.DifferenceError), Rows.Count(row => Math.Abs(row.Ratio - 1) > Clear * row.RatioError));
        return string.Create(CultureInfo.InvariantCulture, $"The mean of {Farthest.Name} is farthest off, by {With(Farthest.Difference, Farthest.DifferenceError)} of the reference's standard deviations; ratios of standard deviations lie between {Rows.Min(row => row.Ratio):F2} and {Rows.Max(row => row.Ratio):F2}. ")
            + (off + wide == 0 ? "Nothing differs by more than 4 Monte Carlo errors." : $"Beyond 4 Monte Carlo errors differ {off} means and {wide} standard deviations of {Rows.Count}.");
    }

    private static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);

    private static string With(double number, double error) => string.Create(CultureInfo.InvariantCulture, $"{number:F2} ± {error:F2}");
}

/// <summary>One number under two posteriors.</summary>
/// <param name="Name">The site, and the place in its tensor.</param>
/// <param name="Mean">Its mean.</param>
/// <param name="Reference">The reference's mean.</param>
/// <param name="Difference">The one less the other, in standard deviations of the reference.</param>
/// <param name="DifferenceError">The Monte Carlo standard error of that, from both.</param>
/// <param name="Ratio">The standard deviation as a share of the reference's.</param>
/// <param name="RatioError">The Monte Carlo standard error of that.</param>
public sealed record ComparisonRow(string Name, double Mean, double Reference, double Difference, double DifferenceError, double Ratio, double RatioError)
{
    internal static ComparisonRow Of(SampledMoments one, SampledMoments reference) => new(
        one.Name,
        one.Mean,
        reference.Mean,
        (one.Mean - reference.Mean) / reference.Deviation,
        Length(one.MeanError, reference.MeanError) / reference.Deviation,
        one.Deviation / reference.Deviation,
        Length(one.DeviationError / one.Deviation, reference.DeviationError / reference.Deviation) * one.Deviation / reference.Deviation);

    private static double Length(double x, double y) => Math.Sqrt((x * x) + (y * y));
}
