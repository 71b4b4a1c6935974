using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A set whose elements are vectors or matrices: shared text and tolerances.</summary>
public abstract class ArraySupport : Support
{
    private const int Shown = 6;

    /// <inheritdoc/>
    protected internal override string Describe(Tensor element)
    {
        ArgumentNullException.ThrowIfNull(element);
        return Text(element.detach().cpu().to(ScalarType.Float64));
    }

    /// <summary>How far a sum of n rounded numbers near 1 may lie from its exact value: 1e-6 · n in float64, 1e-4 in narrower types.</summary>
    /// <param name="value">The value, for its type.</param>
    /// <param name="terms">The number n of terms.</param>
    private protected static double SumTolerance(Tensor value, long terms) => value.dtype == ScalarType.Float64 ? 1e-6 * terms : 1e-4;

    /// <summary>Whether the last two axes are as long as each other.</summary>
    /// <param name="value">The value.</param>
    private protected static bool IsSquare(Tensor value) => value.dim() >= 2 && value.shape[^1] == value.shape[^2];

    /// <summary>False for each element, for values whose shape alone rules them out.</summary>
    /// <param name="value">The value.</param>
    private protected Tensor Nowhere(Tensor value) =>
        zeros([.. value.shape.Take(Math.Max(0, value.shape.Length - EventRank))], ScalarType.Bool, value.device);

    private static string Text(Tensor element)
    {
        var parts = element.dim() switch
        {
            0 => [],
            1 => element.contiguous().data<double>().ToArray().Take(Shown).Select(Format),
            _ => Enumerable.Range(0, (int)Math.Min(Shown, element.shape[0])).Select(row => Text(element[row])),
        };
        return element.dim() == 0
            ? Format(element.item<double>())
            : $"[{string.Join(", ", parts)}{(element.shape[0] > Shown ? ", …" : "")}]";
    }
}
