using System.Globalization;
using ProbVae.Examples.Posteriors.Fitting;
using ProbVae.Examples.Posteriors.Reference;
using Spectre.Console;

namespace ProbVae.Examples.Posteriors;

/// <summary>What the program prints.</summary>
public static class Report
{
    /// <summary>Each parameter of one model beside the reference.</summary>
    public static void Parameters(string name, Family family, FittedPosterior fit, IReadOnlyList<Comparison> comparisons)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(comparisons);
        var table = new Table().Title(Markup.Escape(Text($"{name}: {family}, ELBO {Elbo(fit)}")))
            .AddColumns("parameter", "reference mean ± sd", "found", "error in reference sds", "sd ratio", "");
        foreach (var row in comparisons)
        {
            var verdict = row.Holds ? "[green]ok[/]" : "[red]off[/]";
            table.AddRow(Markup.Escape(row.Parameter), Text(row.Reference), Text(row.Found), Text($"{row.Error:F2}"), Text($"{row.Ratio:F2}"), verdict);
        }

        AnsiConsole.Write(table);
    }

    /// <summary>The head of the table over all families, in Markdown.</summary>
    public static void Head()
    {
        Console.WriteLine("| posterior | guide | ELBO | largest error of a mean (reference sds) | sd ratios | time |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
    }

    /// <summary>One line of that table; times are shares of the first family's.</summary>
    public static void Line(string name, Family family, FittedPosterior fit, IReadOnlyList<Comparison> comparisons, TimeSpan unit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentNullException.ThrowIfNull(comparisons);
        var error = comparisons.Max(row => Math.Abs(row.Error));
        var (least, greatest) = (comparisons.Min(row => row.Ratio), comparisons.Max(row => row.Ratio));
        Console.WriteLine(Text($"| {name} | {family} | {Elbo(fit)} | {error:F2} | {least:F2} to {greatest:F2} | {fit.Time / unit:F1} |"));
    }

    private static string Elbo(FittedPosterior fit) => double.IsNaN(fit.Elbo) ? "–" : Text($"{fit.Elbo:F2}");

    private static string Text(ReferenceMoments moments) => Text($"{moments.Mean:G4} ± {moments.StandardDeviation:G3}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
