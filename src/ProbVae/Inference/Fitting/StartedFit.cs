using System.Globalization;

namespace ProbVae;

/// <summary>A fit from one of several starts, as it is held against the others.</summary>
/// <param name="Start">How it ended.</param>
/// <param name="Bounds">The bound at the end, draw by draw, the same draws for all; empty where the fit failed.</param>
/// <param name="Places">Mean and standard deviation of numbers of the latent variables; empty where they were not drawn.</param>
internal sealed record StartedFit(FitStart Start, double[] Bounds, IReadOnlyList<(string Name, double Mean, double Spread)> Places)
{
    // Less than a nat is what a guide leaves open where it is trained a little longer.
    private const double SameHeight = 1;

    private const double Apart = 4;

    /// <summary>Says where the starts came to different ends; null where they did not.</summary>
    /// <param name="fits">All of them.</param>
    /// <param name="best">The one that was kept.</param>
    public static string? Disagreement(IReadOnlyList<StartedFit> fits, StartedFit best)
    {
        var others = fits.Where(fit => fit != best && fit.Bounds.Length > 0).ToList();
        var lower = others.Where(fit => fit.Below(best) is var (gap, error) && gap > Math.Max(SameHeight, Apart * error)).ToList();
        var elsewhere = others.Except(lower).Select(fit => (Fit: fit, Number: fit.Elsewhere(best))).Where(pair => pair.Number is not null).ToList();
        var failed = fits.Count(fit => fit.Bounds.Length == 0);
        List<string> sentences = [];
        if (lower.Count > 0)
        {
            double[] found = [.. lower.Select(fit => fit.Below(best).Gap).Order()];
            var gaps = string.Create(CultureInfo.InvariantCulture, $"{found[0]:F1}{(found.Length == 1 ? "" : $" to {found[^1]:F1}")}");
            sentences.Add($"The starts disagree: {fits.Count - lower.Count - failed} of {fits.Count} ended within a nat of the best, start {best.Start.Number}, and {lower.Count} ended lower, by {gaps} nats. There are several modes, or some fits are not done; the best is kept, and whether there is a better one these starts cannot tell.");
        }

        if (elsewhere.Count > 0)
        {
            sentences.Add($"The starts disagree: {elsewhere.Count} of {fits.Count} ended as high as the best and elsewhere ('{elsewhere[0].Number}' first). There are several modes of one height (exchanged labels, say), of which the guide holds one, or some fits are not done.");
        }

        if (failed > 0)
        {
            sentences.Add($"{failed} of {fits.Count} starts failed: {fits.First(fit => fit.Bounds.Length == 0).Start.Why}");
        }

        return sentences.Count == 0 ? null : string.Join(" ", sentences);
    }

    // At the same draws, so that most of their noise goes with the difference.
    private (double Gap, double Error) Below(StartedFit best)
    {
        double[] differences = [.. best.Bounds.Zip(Bounds, (high, low) => high - low)];
        var mean = differences.Average();
        var squares = differences.Sum(difference => (difference - mean) * (difference - mean));
        return (mean, Math.Sqrt(squares / Math.Max(1, differences.Length - 1) / differences.Length));
    }

    private string? Elsewhere(StartedFit best) => Places.Count != best.Places.Count ? null : Places.Zip(best.Places)
        .Where(pair => pair.First.Spread > 0 && pair.Second.Spread > 0 && Math.Abs(pair.First.Mean - pair.Second.Mean) > Apart * Math.Sqrt((pair.First.Spread * pair.First.Spread) + (pair.Second.Spread * pair.Second.Spread)))
        .Select(pair => pair.First.Name).FirstOrDefault();
}
