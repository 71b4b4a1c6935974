using System.Globalization;

namespace ProbVae.Training;

/// <summary>An evaluation as text for people: what, how much, and what to make of it, in aligned columns.</summary>
internal static class EvaluationTable
{
    public static string Render(ModelEvaluation figures)
    {
        var rows = Rows(figures).ToList();
        var (left, right) = (rows.Max(row => Width(row.What)), rows.Max(row => Width(row.HowMuch)));
        return string.Join(Environment.NewLine, rows.Select(row =>
            $"  {row.What}{Space(left - Width(row.What))}  {Space(right - Width(row.HowMuch))}{row.HowMuch}  {row.Note}".TrimEnd()).Prepend(Invariant($"{figures.Rows:N0} rows of plate '{figures.Plate}', after {figures.Steps:N0} steps; in nats a row")));
    }

    private static IEnumerable<(string What, string HowMuch, string Note)> Rows(ModelEvaluation figures)
    {
        yield return ("ELBO", Text(figures.Elbo), "");
        if (Math.Abs(figures.Ascended - figures.Elbo) > 1e-6 * Math.Abs(figures.Elbo))
        {
            yield return ("what is ascended", Text(figures.Ascended), "another bound, or weighted terms");
        }

        yield return ("reconstruction, E_q log p(x | z)", Text(figures.Reconstruction), "");
        yield return ("KL(q(z | x) ‖ p(z))", Text(figures.Kl), "");
        yield return (Invariant($"log p(x), {figures.Draws:N0} importance samples"), Text(figures.LogEvidence), $"± {Text(figures.LogEvidenceStandardError)}, the standard error over rows");
        yield return ("  its error for want of draws", Text(figures.LogEvidenceMonteCarloError, "F4"), "");
        yield return ("  effective sample size", Text(figures.EffectiveSampleSize, "F1"), Invariant($"of {figures.Draws:N0}; the lowest {figures.LowestEffectiveSampleSize:F1}"));
        yield return ("  Pareto k̂", Text(figures.ParetoK), figures.ParetoKAboveLimit is { } share
            ? Invariant($"on average; above {ModelEvaluation.ParetoLimit} for {100 * share:F1} % of the rows")
            : "too few draws to judge by; 21 are needed");
        foreach (var code in figures.Codes)
        {
            yield return ($"active units of {code.Site}", Invariant($"{code.ActiveUnits}"), Invariant($"of {code.Numbers}: Var E[{code.Site} | x] > {LatentCodes.ActiveVariance}"));
            yield return ($"  mutual information I_q(x; {code.Site})", Text(code.MutualInformation), code.MutualInformation is null
                ? $"q({code.Site} | x) is no Normal"
                : Invariant($"at most log {figures.Rows} = {Math.Log(figures.Rows):F2}"));
            yield return ($"  KL(q({code.Site}) ‖ p({code.Site}))", Text(code.MarginalKl), code.MarginalKl is null ? "" : "of the aggregate posterior");
        }
    }

    // What a reader sees: the hat of k̂ takes no room.
    private static int Width(string text) => new StringInfo(text).LengthInTextElements;

    private static string Space(int count) => new(' ', count);

    private static string Text(double? value, string format = "F2") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "unknown";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
