using static TorchSharp.torch;

namespace ProbVae;

/// <summary>First values of the families' parameters.</summary>
internal static class Start
{
    /// <summary>An initial scale, held against its range.</summary>
    public static double Positive(double scale) => double.IsFinite(scale) && scale > 0 ? scale
        : throw new ArgumentOutOfRangeException(nameof(scale), scale, "The initial scale of an automatic guide must be a finite number > 0; 0.1 is usual.");

    /// <summary>The logarithm of a scale for each element of a location.</summary>
    public static Tensor LogScale(Tensor loc, double scale) => full_like(loc.detach(), Math.Log(Positive(scale)));
}
