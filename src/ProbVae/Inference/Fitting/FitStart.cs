using System.Globalization;

namespace ProbVae;

/// <summary>How a fit from one of several starts ended.</summary>
/// <param name="Number">Which start, counted from 0: the first is where the parameters were.</param>
/// <param name="Bound">The bound that was ascended, at the end, in nats: the mean over the same draws for all starts. NaN where the fit failed.</param>
/// <param name="StandardError">Of <paramref name="Bound"/>.</param>
/// <param name="Why">What ended it, in a sentence.</param>
public sealed record FitStart(int Number, double Bound, double StandardError, string Why)
{
    /// <summary>The start and where it came to.</summary>
    public override string ToString() => double.IsNaN(Bound) ? $"start {Number}: {Why}"
        : string.Create(CultureInfo.InvariantCulture, $"start {Number}: {Bound:F2} ± {StandardError:G2} nats");
}
