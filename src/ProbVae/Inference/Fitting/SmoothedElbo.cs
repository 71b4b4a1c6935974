using System.Globalization;

namespace ProbVae;

/// <summary>The mean of an ELBO history's last steps with its standard error, in nats.</summary>
/// <remarks>
/// Successive estimates are correlated, since the parameters move little between them, so the error is that of batch means
/// (Law and Carson 1979; Flegal and Jones 2010): n steps make b = ⌊n / m⌋ batches of m = ⌊√n⌋ steps, and the standard error is
/// √(s² / b), with s² the sample variance of the batches' means. It is right for a history that has settled; while the ELBO
/// still rises, the rise is counted as noise.
/// </remarks>
/// <param name="Mean">The mean over the steps.</param>
/// <param name="StandardError">Of the mean; NaN for fewer than four steps.</param>
/// <param name="Steps">How many steps it is of.</param>
public sealed record SmoothedElbo(double Mean, double StandardError, int Steps)
{
    /// <summary>The mean and the error, as in <c>−103.31 ± 0.04</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mean:G6} ± {StandardError:G2}");

    internal static SmoothedElbo Of(ReadOnlySpan<double> values)
    {
        var size = (int)Math.Sqrt(values.Length);
        var batches = size < 2 ? 0 : values.Length / size;
        var mean = Sum(values) / values.Length;
        if (batches < 2)
        {
            return new(mean, double.NaN, values.Length);
        }

        // What does not fill a batch is left out at the older end.
        var used = values[^(size * batches)..];
        var centre = Sum(used) / used.Length;
        var squares = 0.0;
        for (var batch = 0; batch < batches; batch++)
        {
            var deviation = (Sum(used.Slice(batch * size, size)) / size) - centre;
            squares += deviation * deviation;
        }

        return new(mean, Math.Sqrt(squares / (batches - 1) / batches), values.Length);
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
