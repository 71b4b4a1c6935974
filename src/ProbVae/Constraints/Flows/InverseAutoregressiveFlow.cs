using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// yᵢ = σ(sᵢ) xᵢ + (1 − σ(sᵢ)) mᵢ with (m, s) a masked network's numbers from x₁ … xᵢ₋₁ and the context; log |det| = Σᵢ log σ(sᵢ).
/// Forward is one run of the network: what a guide draws from. Inverse runs it once for each element.
/// </summary>
/// <remarks>Source: Kingma, Salimans, Jozefowicz, Chen, Sutskever and Welling (2016), Improved Variational Inference with Inverse Autoregressive Flow.</remarks>
/// <param name="dimension">The length of the vectors.</param>
/// <param name="hidden">The widths of the network's hidden layers.</param>
/// <param name="key">Where the initial weights' randomness comes from.</param>
/// <param name="context">The length of a context; 0 for none.</param>
public sealed class InverseAutoregressiveFlow(int dimension, IReadOnlyList<int> hidden, RandomKey key, int context = 0)
    : AutoregressiveFlow(dimension, hidden, key, context)
{
    // Gates start at σ(2) = 0.88, near the identity: the paper's forget-gate bias.
    private const double GateBias = 2;

    internal override (Tensor Y, Tensor LogDeterminant) Push(Tensor x, Tensor? context)
    {
        var (shift, gate) = Numbers(x, context);
        // The way from m to x by a part σ(s), in one operation.
        return (lerp(shift, x, gate.sigmoid()), gate.log_sigmoid().sum(-1));
    }

    internal override (Tensor X, Tensor LogDeterminant) Pull(Tensor y, Tensor? context)
    {
        var x = Solve(y, context, (element, shift, gate) => shift.add(element.sub(shift).mul(gate.add(GateBias).neg().exp().add(1))));
        return (x, LogDeterminantAt(x, y, context));
    }

    internal override Tensor LogDeterminantAt(Tensor x, Tensor y, Tensor? context) => Numbers(x, context).Gate.log_sigmoid().sum(-1);

    private (Tensor Shift, Tensor Gate) Numbers(Tensor x, Tensor? context)
    {
        var (shift, gate) = Read(x, context);
        return (shift, gate.add(GateBias));
    }
}
