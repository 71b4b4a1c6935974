using System.Globalization;

namespace ProbVae;

/// <summary>
/// What importance weights that were drawn can say of an estimate made of them. A high k̂ tells that the largest weights fall off slowly, not
/// how much of the sum they hold: where the effective sample size is near the number of draws, they hold hardly any of it.
/// </summary>
/// <param name="Rank">The higher, the less the estimate is to be relied on.</param>
/// <param name="Sentence">Why, with the figures; without the full stop.</param>
internal sealed record WeightsVerdict(int Rank, string Sentence)
{
    // So much of all draws, and the weights' relative variance 1 / share − 1 is below 0.11.
    private const double NearlyEqual = 0.9;

    private const double FewDraws = 100;

    private const string Unseen = "what is never drawn, a mode elsewhere, shows in none of these figures";

    /// <summary>Judges one element's weights.</summary>
    /// <param name="element">What they came to.</param>
    /// <param name="draws">How many there are.</param>
    public static WeightsVerdict Of(EvidenceElement element, int draws)
    {
        var (k, size) = (element.ParetoK, element.EffectiveSampleSize);
        var worth = string.Create(CultureInfo.InvariantCulture, $"{size:N0} of {draws:N0} draws");
        var shape = string.Create(CultureInfo.InvariantCulture, $"k̂ {k:F2}");
        var limit = Limit(draws);
        return size == 0 ? new(6, "every draw has the weight 0: the data are impossible wherever the draws fall")
            : double.IsNaN(k) ? new(3, $"there are too few weights above the threshold to judge their tail (effective size {worth}); take more draws")
            : k <= Math.Min(0.5, limit) && (size >= FewDraws || size >= NearlyEqual * draws) ? new(0, $"where the draws fall, the weights have a finite variance and the standard error holds ({shape}, effective size {worth}); {Unseen}")
            : size >= NearlyEqual * draws ? new(1, $"the weights hardly differ (effective size {worth}), so the estimate is good where the draws fall; {shape} is the shape of a tail that holds little of their sum, and {Unseen}")
            : k <= Math.Min(0.5, limit) ? new(2, $"the weights raise no alarm ({shape}), but they are worth {worth} only: take more draws, or bring the guide nearer to the posterior")
            : k <= limit ? new(2, EvidenceEstimate.Meaning(k))
            : k < 0.7 ? new(4, string.Create(CultureInfo.InvariantCulture, $"so few draws are not enough for such a tail ({shape}, effective size {worth}): take {Enough(k):N0}"))
            : k < 1 ? new(4, $"the estimate converges too slowly to be trusted ({shape}, effective size {worth}); bring the guide nearer to the posterior")
            : new(5, $"the mean of the weights may not exist ({shape}, effective size {worth}): the estimate is of no use, and the guide is far from the posterior or narrower than it");
    }

    /// <summary>The greatest k̂ that so many draws can bear, min(1 − 1 / log₁₀ K, 0.7) (Vehtari et al. 2024, section 3.2.4).</summary>
    private static double Limit(int draws) => Math.Min(1 - (1 / Math.Log10(Math.Max(draws, 2))), 0.7);

    // The number of draws whose limit is k: 10^(1 / (1 − k)).
    private static double Enough(double k) => 100 * Math.Ceiling(Math.Pow(10, 1 / (1 - k)) / 100);
}
