using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// One half of the vectors stays; each element of the other goes through an increasing rational-quadratic spline on [−B, B] with the
/// identity outside, whose knots and slopes are a network's numbers from the half that stays and the context.
/// log |det| = the sum of the logarithms of the splines' slopes.
/// </summary>
/// <remarks>Source: Durkan, Bekasov, Murray and Papamakarios (2019), Neural Spline Flows.</remarks>
public sealed class SplineCoupling : CouplingFlow
{
    private const int MostBins = 500;

    private readonly int _bins;
    private readonly double _bound;

    /// <summary>A coupling by splines.</summary>
    /// <param name="dimension">The length of the vectors, at least 2; the first half of them is one shorter where it is odd.</param>
    /// <param name="hidden">The widths of the network's hidden layers.</param>
    /// <param name="key">Where the initial weights' randomness comes from.</param>
    /// <param name="context">The length of a context; 0 for none.</param>
    /// <param name="keepsSecond">Whether the second half stays, and not the first: alternate it between the flows of a chain.</param>
    /// <param name="bins">The number K of pieces of each spline, from 2 to 500.</param>
    /// <param name="bound">The bound B, greater than 0.</param>
    public SplineCoupling(int dimension, IReadOnlyList<int> hidden, RandomKey key, int context = 0, bool keepsSecond = false, int bins = 8, double bound = 5)
        : base(dimension, 3 * bins - 1, hidden, key, context, keepsSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bins, MostBins);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        (_bins, _bound) = (bins, bound);
    }

    private protected override (Tensor Y, Tensor LogSlope) ForwardElements(Tensor x, Tensor[] numbers) => Spline(numbers).Forward(x);

    private protected override (Tensor X, Tensor LogSlope) InverseElements(Tensor y, Tensor[] numbers) => Spline(numbers).Inverse(y);

    private RationalQuadraticSpline Spline(Tensor[] numbers) => new(stack(numbers, -1), _bins, _bound);
}
