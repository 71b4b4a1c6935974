using System.Globalization;

namespace ProbVae;

/// <summary>An estimate of the evidence log p(x) = log ∫ p(x, z) dz, and how far its importance weights are to be trusted.</summary>
/// <param name="Method">How it was made, in words.</param>
/// <param name="Draws">K, the number of weights of each element.</param>
/// <param name="Plates">The plates whose elements have evidence of their own, in the order of their axes; empty where there is one number.</param>
/// <param name="Elements">An estimate for each of the plates' elements, the last plate's fastest; one for all data where there is no plate.</param>
public sealed record EvidenceEstimate(string Method, int Draws, IReadOnlyList<Plate> Plates, IReadOnlyList<EvidenceElement> Elements)
{
    /// <summary>log p(x) of all data that was seen, in nats: the sum over the elements. Rows that a minibatch leaves out are not in it.</summary>
    public double LogEvidence => Elements.Sum(element => element.LogEvidence);

    /// <summary>The Monte Carlo standard error of <see cref="LogEvidence"/> in nats; each element has draws of its own.</summary>
    public double StandardError => Math.Sqrt(Elements.Sum(element => element.StandardError * element.StandardError));

    /// <summary><see cref="LogEvidence"/> with Pareto-smoothed weights.</summary>
    public double SmoothedLogEvidence => Elements.Sum(element => element.SmoothedLogEvidence);

    /// <summary>The lowest effective sample size of any element. Range: 0 to <see cref="Draws"/>.</summary>
    public double EffectiveSampleSize => Elements.Min(element => element.EffectiveSampleSize);

    /// <summary>The highest Pareto k̂ of any element; NaN where there are too few draws for one (21 are needed).</summary>
    public double ParetoK => Elements.Any(element => double.IsNaN(element.ParetoK)) ? double.NaN : Elements.Max(element => element.ParetoK);

    /// <summary>
    /// What k̂, the effective sample size and the number of draws say together, of the element that fares worst. They speak of the weights that
    /// were drawn: of a mode that is never drawn they say nothing.
    /// </summary>
    public string Verdict => Elements.Select(element => WeightsVerdict.Of(element, Draws)).MaxBy(verdict => verdict.Rank)!.Sentence;

    /// <summary>
    /// What a Pareto k̂ means by itself, in a sentence (Vehtari, Simpson, Gelman, Yao and Gabry 2024, Pareto Smoothed Importance Sampling);
    /// <see cref="Verdict"/> weighs it with the effective sample size and the number of draws.
    /// </summary>
    /// <param name="paretoK">The shape of the tail of the weights.</param>
    public static string Meaning(double paretoK) => paretoK switch
    {
        double.NaN => "there are too few weights above the threshold to judge their tail; take more draws",
        < 0.5 => "where the draws fall, the weights have a finite variance and the standard error can be trusted; what is never drawn, a mode elsewhere, k̂ does not see",
        < 0.7 => "the variance of the weights may be infinite, and the estimate is still useful; its standard error is optimistic",
        < 1 => "unless the effective sample size is near the number of draws, the estimate converges too slowly to be trusted; bring the guide nearer to the posterior",
        _ => "the mean of the weights may not exist; unless the effective sample size is near the number of draws, the estimate is of no use",
    };

    /// <summary>The figures in a few lines, with what they say.</summary>
    public override string ToString()
    {
        var lines = new List<string>
        {
            $"log p(x) = {Text(LogEvidence, "F3")} ± {Text(StandardError, "F3")} nats ({Method}, {Draws} draws{OfWhat()})",
        };
        if (Elements.Count > 1)
        {
            lines.Add($"an element: {Text(LogEvidence / Elements.Count, "F3")} nats on average, from {Text(Elements.Min(element => element.LogEvidence), "F3")} to {Text(Elements.Max(element => element.LogEvidence), "F3")}");
            lines.Add($"k̂ below 0.5: {Share(double.NegativeInfinity, 0.5)}, to 0.7: {Share(0.5, 0.7)}, to 1: {Share(0.7, 1)}, above: {Share(1, double.PositiveInfinity)} of {Elements.Count} elements");
        }

        lines.Add($"effective sample size {Text(EffectiveSampleSize, "F1")} of {Draws}{(Elements.Count > 1 ? " (the lowest)" : "")}");
        lines.Add($"Pareto k̂ {Text(ParetoK, "F2")}{(Elements.Count > 1 ? " (the highest)" : "")}: {Verdict}.");
        return string.Join(Environment.NewLine, lines);
    }

    /// <summary>Writes the estimate for another process; which elements were seen is left out.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(Method);
        writer.Write(Draws);
        writer.Write(Plates.Count);
        foreach (var plate in Plates)
        {
            writer.Write(plate.Name);
            writer.Write(plate.Total);
            writer.Write(plate.Size);
            writer.Write(plate.Axis);
        }

        writer.Write(Elements.Count);
        foreach (var (logEvidence, error, size, shape, smoothed) in Elements)
        {
            Array.ForEach([logEvidence, error, size, shape, smoothed], writer.Write);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Where from.</param>
    public static EvidenceEstimate Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var (method, draws) = (reader.ReadString(), reader.ReadInt32());
        var plates = Enumerable.Range(0, reader.ReadInt32()).Select(_ => new Plate(reader.ReadString(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt32())).ToList();
        return new(method, draws, plates, Enumerable.Range(0, reader.ReadInt32())
            .Select(_ => new EvidenceElement(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble())).ToList());
    }

    private string OfWhat() => Plates.Count == 0 ? "" : $"; {string.Join(" × ", Plates)}";

    private int Share(double above, double below) => Elements.Count(element => element.ParetoK >= above && (element.ParetoK < below || double.IsPositiveInfinity(below)));

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>The evidence of one element of a plate, or of all data.</summary>
/// <param name="LogEvidence">The estimate in nats. Its exponential is unbiased for p(x), so on average it is at most log p(x).</param>
/// <param name="StandardError">Its standard error in nats, from the spread of the weights; it means little where <paramref name="ParetoK"/> is above 0.7.</param>
/// <param name="EffectiveSampleSize">(Σ w)² / Σ w²: how many draws of equal weight say as much. Range: 0 to the number of draws.</param>
/// <param name="ParetoK">The shape k̂ of the tail of the weights; see <see cref="EvidenceEstimate.Meaning"/>. Negative infinity where the largest weights are equal.</param>
/// <param name="SmoothedLogEvidence">The estimate with the largest weights smoothed by the distribution fitted to them: less variance, a little bias.</param>
public sealed record EvidenceElement(double LogEvidence, double StandardError, double EffectiveSampleSize, double ParetoK, double SmoothedLogEvidence);
