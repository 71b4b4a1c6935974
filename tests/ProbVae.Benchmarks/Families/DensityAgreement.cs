using System.Globalization;
using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>Holds all ways to a density against each other before they are timed.</summary>
internal static class DensityAgreement
{
    private const double Tolerance = 1e-4;

    /// <summary>The largest relative difference of a sum, or of a gradient's element, from the first way's.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static double Of(DensityProblem problem, IReadOnlyList<DensityStep> ways)
    {
        using var scope = NewDisposeScope();
        var (sum, gradients) = ways[0].Results();
        var largest = 0.0;
        foreach (var way in ways.Skip(1))
        {
            var (itsSum, itsGradients) = way.Results();
            var differences = itsGradients.Zip(gradients, Difference).Prepend(Math.Abs(itsSum - sum) / Math.Abs(sum)).ToList();
            if (!differences.TrueForAll(difference => difference < Tolerance))
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"{problem.Name}: '{way.Name}' differs from '{ways[0].Name}' by {differences.Max():G3} relative, in sum or gradients; both must be one density before their times are compared."));
            }

            largest = Math.Max(largest, differences.Max());
        }

        return largest;
    }

    // Relative to 1 where a gradient is small: its terms are of that size and cancel.
    private static double Difference(Tensor mine, Tensor theirs) => ((mine - theirs).abs() / theirs.abs().clamp_min(1)).max().item<float>();
}
