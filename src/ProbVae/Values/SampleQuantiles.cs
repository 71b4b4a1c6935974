using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Quantiles of draws, number by number.</summary>
internal static class SampleQuantiles
{
    /// <summary>Sorts draws along their first axis, and then gives the value at a probability, between two draws in proportion.</summary>
    /// <param name="draws">At least one, along the first axis.</param>
    public static Func<double, Tensor> Of(Tensor draws)
    {
        var (sorted, last) = (draws.sort(0).Values, draws.shape[0] - 1);
        return probability =>
        {
            var place = probability * last;
            var below = Math.Min((long)place, last);
            var lower = sorted.select(0, below);
            return below == place ? lower : sorted.select(0, below + 1).sub(lower).mul(place - below).add(lower);
        };
    }
}
