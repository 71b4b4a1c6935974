using System.Globalization;
using System.Text.Json;
using ProbVae;
using ProbVae.Training;
using Spectre.Console;

namespace MnistVae;

/// <summary>
/// What was measured of a trained model on test images, under the names that <c>evaluate --json</c> prints: those of
/// <see cref="ModelEvaluation"/>, in nats an image. Null stands for what there is not.
/// </summary>
/// <param name="ImportanceWeightedBound">The bound that was ascended, where that was Iwae's.</param>
/// <param name="BoundDraws">Its draws.</param>
/// <param name="Latent">How many numbers the code has that the decoder reads.</param>
public sealed record Evaluation(
    int Images, long Steps, double Elbo, double? ImportanceWeightedBound, int? BoundDraws, double Reconstruction, double Kl,
    double LogEvidence, double? LogEvidenceStandardError, double? LogEvidenceMonteCarloError, int Draws,
    double EffectiveSampleSize, double LowestEffectiveSampleSize, double? ParetoK, double? ParetoKAboveLimit,
    int Latent, int ActiveUnits, double? MutualInformation)
{
    private static readonly JsonSerializerOptions Camel = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Measures a session's model.</summary>
    /// <param name="total">How many training images the run has: a plate of so many has no room for more at once.</param>
    public static Evaluation Of(Session session, TrainOptions trained, Batches test, int total, EvaluateOptions options, CancellationToken cancellation)
    {
        var batches = test.LoadInOrder(Math.Min(options.Batch, total), session.Vae.Device);
        var key = new RandomKey(unchecked((ulong)options.Seed));
        var of = ModelEvaluation.Of(session.Svi, batches, key, new EvaluationOptions(options.Particles) { Codes = [session.Vae.Code] }, cancellation);
        bool isIwae = trained.Objective == Objective.Iwae;
        return new(
            of.Rows, of.Steps, of.Elbo, isIwae ? of.Ascended : null, isIwae ? trained.Particles : null, of.Reconstruction, of.Kl,
            of.LogEvidence, of.LogEvidenceStandardError, of.LogEvidenceMonteCarloError, of.Draws,
            of.EffectiveSampleSize, of.LowestEffectiveSampleSize, of.ParetoK, of.ParetoKAboveLimit,
            of.Codes[0].Numbers, of.Codes[0].ActiveUnits, of.Codes[0].MutualInformation);
    }

    /// <summary>As a table for people.</summary>
    public Table ToTable()
    {
        var table = new Table().Title(FormattableString.Invariant($"{Images:N0} test images, after {Steps:N0} steps")).AddColumns("nats an image", "");
        table.AddRow("ELBO", Text(Elbo));
        if (ImportanceWeightedBound is { } bound)
        {
            table.AddRow($"importance weighted bound, {BoundDraws} {(BoundDraws == 1 ? "draw" : "draws")}", Text(bound));
        }

        table.AddRow("reconstruction, E_q log p(x|z)", Text(Reconstruction));
        table.AddRow("KL(q(z|x) ‖ p(z))", Text(Kl));
        table.AddRow($"log p(x), {Draws} importance samples", $"{Text(LogEvidence)} ± {Text(LogEvidenceStandardError)} (standard error over images)");
        table.AddRow("  its error for want of draws", $"± {Text(LogEvidenceMonteCarloError, "F4")}");
        table.AddRow("  effective sample size", FormattableString.Invariant($"{EffectiveSampleSize:F1} of {Draws}; the lowest {LowestEffectiveSampleSize:F1}"));
        table.AddRow(FormattableString.Invariant($"  Pareto k̂ above {ModelEvaluation.ParetoLimit}"), ParetoKAboveLimit is { } share
            ? FormattableString.Invariant($"{100 * share:F1} % of the images; on average k̂ is {Text(ParetoK)}")
            : "too few draws to say; 21 are needed");
        table.AddRow(Markup.Escape("active units, Var E[z|x] > 0.01"), $"{ActiveUnits} of {Latent}");
        table.AddRow("mutual information I_q(x; z)", MutualInformation is { } information
            ? FormattableString.Invariant($"{information:F2}; at most log {Images} = {Math.Log(Images):F2}")
            : "not measured with flows");
        return table;
    }

    /// <summary>As JSON for programs. <c>format</c> grows when a name changes its meaning.</summary>
    /// <param name="source">The data that was measured.</param>
    public string ToJson(string run, long seed, DataSource source) =>
        JsonSerializer.Serialize(new { Format = 1, Run = run, Data = source.Name, source.Pixels, Seed = seed, Figures = this }, Camel);

    private static string Text(double? value, string format = "F2") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "unknown";
}
