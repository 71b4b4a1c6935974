using System.Globalization;

namespace ProbVae.Examples.EightSchools;

/// <summary>The data of Rubin (1981).</summary>
public static class Schools
{
    /// <summary>The estimated effect of coaching in each school, in points of the test.</summary>
    public static double[] Effects { get; } = [28, 8, -3, 7, -1, 1, 18, 12];

    /// <summary>The standard error of each estimate.</summary>
    public static double[] StandardErrors { get; } = [15, 10, 16, 11, 9, 11, 10, 18];
}

/// <summary>A mean and a standard deviation.</summary>
public sealed record Moments(double Mean, double StandardDeviation)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mean:F2} ± {StandardDeviation:F2}");
}
