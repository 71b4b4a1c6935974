namespace ProbVae.Examples.Posteriors.Fitting;

/// <summary>What AutoMultivariateNormal must keep.</summary>
/// <param name="Error">The error of a mean, in standard deviations of the reference.</param>
/// <param name="LeastRatio">The least standard deviation, as a share of the reference's.</param>
/// <param name="GreatestRatio">The greatest.</param>
public sealed record Bounds(double Error, double LeastRatio, double GreatestRatio)
{
    /// <summary>0.15 standard deviations and 15 %, except for the eight schools, whose tau is far from log-normal.</summary>
    public static Bounds Of(string name) => name == Models.EightSchools.Name ? new(0.25, 0.75, 1.15) : new(0.15, 0.85, 1.15);
}
