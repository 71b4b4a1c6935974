using ProbVae.Examples.Posteriors.Reference;

namespace ProbVae.Examples.Posteriors.Fitting;

/// <summary>One parameter beside the reference.</summary>
/// <param name="Parameter">Its name in the reference.</param>
/// <param name="Reference">Its moments there.</param>
/// <param name="Found">Its moments under the guide.</param>
/// <param name="Error">The error of the mean in standard deviations of the reference.</param>
/// <param name="Ratio">The standard deviation as a share of the reference's.</param>
/// <param name="Holds">Whether both are within the bounds for AutoMultivariateNormal.</param>
public sealed record Comparison(string Parameter, ReferenceMoments Reference, ReferenceMoments Found, double Error, double Ratio, bool Holds)
{
    internal static Comparison Of(string parameter, ReferenceMoments reference, ReferenceMoments found, Bounds bounds)
    {
        var (error, ratio) = ((found.Mean - reference.Mean) / reference.StandardDeviation, found.StandardDeviation / reference.StandardDeviation);
        return new(parameter, reference, found, error, ratio, Math.Abs(error) <= bounds.Error && ratio >= bounds.LeastRatio && ratio <= bounds.GreatestRatio);
    }
}
