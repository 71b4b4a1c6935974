using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The rule of two bounds: the lower one is less.</summary>
internal static class OrderedBounds
{
    /// <summary>Says in a sentence where the bounds are out of order, or null where they are not.</summary>
    public static string? Problem(string family, Tensor low, Tensor high)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var ordered = low.lt(high);
        if (ordered.all().ToBoolean())
        {
            return null;
        }

        var (lows, highs) = (low.expand(ordered.shape), high.expand(ordered.shape));
        var place = ordered.logical_not().nonzero()[0].data<long>().ToArray();
        var at = place.Length == 0 ? "" : $" at {new Shape(place)} of shape {new Shape(ordered.shape)}";
        return $"{family}: low must be less than high; received low {Support.Real.Describe(lows.ElementAt(place))} and high {Support.Real.Describe(highs.ElementAt(place))}{at}.";
    }
}
