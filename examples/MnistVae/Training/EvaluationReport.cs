using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MnistVae.Data;
using ProbVae.Training;
using Spectre.Console;

namespace MnistVae.Training;

/// <summary>An evaluation as a table for people, and as JSON for programs.</summary>
public static class EvaluationReport
{
    public static Table ToTable(Evaluation figures)
    {
        ArgumentNullException.ThrowIfNull(figures);
        var table = new Table().Title(Invariant($"{figures.Images:N0} test images, after {figures.Steps:N0} steps")).AddColumns("nats an image", "");
        table.AddRow("ELBO", Text(figures.Elbo));
        if (figures.ImportanceWeightedBound is { } bound)
        {
            table.AddRow($"importance weighted bound, {figures.BoundDraws} {(figures.BoundDraws == 1 ? "draw" : "draws")}", Text(bound));
        }

        table.AddRow("reconstruction, E_q log p(x|z)", Text(figures.Reconstruction));
        table.AddRow("KL(q(z|x) ‖ p(z))", Text(figures.Kl));
        table.AddRow($"log p(x), {figures.Draws} importance samples", $"{Text(figures.LogEvidence)} ± {Text(figures.LogEvidenceStandardError)} (standard error over images)");
        table.AddRow("  its error for want of draws", $"± {Text(figures.LogEvidenceMonteCarloError, "F4")}");
        table.AddRow("  effective sample size", Invariant($"{figures.EffectiveSampleSize:F1} of {figures.Draws}; the lowest {figures.LowestEffectiveSampleSize:F1}"));
        table.AddRow(Invariant($"  Pareto k̂ above {ModelEvaluation.ParetoLimit}"), figures.ParetoKAboveLimit is { } share
            ? Invariant($"{100 * share:F1} % of the images; on average k̂ is {Text(figures.ParetoK)}")
            : "too few draws to say; 21 are needed");
        table.AddRow(Markup.Escape("active units, Var E[z|x] > 0.01"), Invariant($"{figures.ActiveUnits} of {figures.Latent}"));
        table.AddRow("mutual information I_q(x; z)", figures.MutualInformation is { } information
            ? Invariant($"{information:F2}; at most log {figures.Images} = {Math.Log(figures.Images):F2}")
            : "not measured with flows");
        return table;
    }

    /// <summary>The figures under stable names; null stands for what there is not.</summary>
    /// <param name="source">The data that was measured.</param>
    public static string ToJson(Evaluation figures, string run, long seed, DataSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return JsonSerializer.Serialize(new EvaluationDocument(1, run, source.Name, source.Pixels, seed, figures), EvaluationJson.Default.EvaluationDocument);
    }

    private static string Text(double? value, string format = "F2") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "unknown";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What <c>evaluate --json</c> prints.</summary>
/// <param name="Format">Grows when a name changes its meaning.</param>
internal sealed record EvaluationDocument(int Format, string Run, string Data, string Pixels, long Seed, Evaluation Figures);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(EvaluationDocument))]
internal sealed partial class EvaluationJson : JsonSerializerContext;
