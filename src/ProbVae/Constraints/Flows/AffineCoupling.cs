using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// One half of the vectors stays; each element of the other becomes yᵢ = xᵢ e^(aᵢ) + mᵢ with (m, a) a network's numbers from the half
/// that stays and the context, a held in (−5, 5). log |det| = Σᵢ aᵢ.
/// </summary>
/// <remarks>Source: Dinh, Sohl-Dickstein and Bengio (2017), Density Estimation Using Real NVP.</remarks>
/// <param name="dimension">The length of the vectors, at least 2; the first half of them is one shorter where it is odd.</param>
/// <param name="hidden">The widths of the network's hidden layers.</param>
/// <param name="key">Where the initial weights' randomness comes from.</param>
/// <param name="context">The length of a context; 0 for none.</param>
/// <param name="keepsSecond">Whether the second half stays, and not the first: alternate it between the flows of a chain.</param>
public sealed class AffineCoupling(int dimension, IReadOnlyList<int> hidden, RandomKey key, int context = 0, bool keepsSecond = false)
    : CouplingFlow(dimension, 2, hidden, key, context, keepsSecond)
{
    private protected override (Tensor Y, Tensor LogSlope) ForwardElements(Tensor x, Tensor[] numbers)
    {
        var logScale = BoundedLogScale.Of(numbers[1]);
        return (x.mul(logScale.exp()).add(numbers[0]), logScale);
    }

    private protected override (Tensor X, Tensor LogSlope) InverseElements(Tensor y, Tensor[] numbers)
    {
        var logScale = BoundedLogScale.Of(numbers[1]);
        return (y.sub(numbers[0]).mul(logScale.neg().exp()), logScale);
    }
}
