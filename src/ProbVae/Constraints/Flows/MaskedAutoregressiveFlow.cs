using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// yᵢ = xᵢ e^(aᵢ) + mᵢ with (m, a) a masked network's numbers from y₁ … yᵢ₋₁ and the context, a held in (−5, 5); log |det| = Σᵢ aᵢ.
/// Inverse is one run of the network: what a density is computed with. Forward runs it once for each element.
/// </summary>
/// <remarks>Source: Papamakarios, Pavlakou and Murray (2017), Masked Autoregressive Flow for Density Estimation.</remarks>
/// <param name="dimension">The length of the vectors.</param>
/// <param name="hidden">The widths of the network's hidden layers.</param>
/// <param name="key">Where the initial weights' randomness comes from.</param>
/// <param name="context">The length of a context; 0 for none.</param>
public sealed class MaskedAutoregressiveFlow(int dimension, IReadOnlyList<int> hidden, RandomKey key, int context = 0)
    : AutoregressiveFlow(dimension, hidden, key, context)
{
    internal override (Tensor Y, Tensor LogDeterminant) Push(Tensor x, Tensor? context)
    {
        var y = Solve(x, context, (element, shift, logScale) => element.mul(BoundedLogScale.Of(logScale).exp()).add(shift));
        return (y, LogDeterminantAt(x, y, context));
    }

    internal override (Tensor X, Tensor LogDeterminant) Pull(Tensor y, Tensor? context)
    {
        var (shift, logScale) = Numbers(y, context);
        return (y.sub(shift).mul(logScale.neg().exp()), logScale.sum(-1));
    }

    internal override Tensor LogDeterminantAt(Tensor x, Tensor y, Tensor? context) => Numbers(y, context).LogScale.sum(-1);

    private (Tensor Shift, Tensor LogScale) Numbers(Tensor y, Tensor? context)
    {
        var (shift, logScale) = Read(y, context);
        return (shift, BoundedLogScale.Of(logScale));
    }
}
