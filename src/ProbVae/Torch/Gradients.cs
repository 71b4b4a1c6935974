using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Gradients of a scalar in chosen tensors.</summary>
internal static class Gradients
{
    /// <summary>The gradient in each input, 0 where the scalar does not depend on it. The inputs' own gradients stay as they are.</summary>
    /// <param name="scalar">The tensor of one element that is differentiated.</param>
    /// <param name="inputs">What it is differentiated in.</param>
    /// <param name="keepGraph">Whether it is differentiated again.</param>
    /// <param name="differentiable">Whether the gradients are differentiated in turn.</param>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">Libtorch refuses, as where the scalar has no graph.</exception>
    public static Tensor[] Of(Tensor scalar, IList<Tensor> inputs, bool keepGraph = false, bool differentiable = false)
    {
        var slopes = GuardedTorch.Grad([scalar], inputs, null, keepGraph, differentiable, allowUnused: true);
        return [.. slopes.Select((slope, i) => slope ?? zeros_like(inputs[i], requires_grad: false))];
    }

    /// <summary>Whether the graph of any of some tensors leads to each leaf; a gradient of exactly 0 is one.</summary>
    /// <param name="ends">Tensors of any shape that ask for a gradient; their graph is kept.</param>
    /// <param name="leaves">The leaves; their own gradients stay as they are.</param>
    public static bool[] Reach(IReadOnlyList<Tensor> ends, IList<Tensor> leaves)
    {
        var starts = ends.Select(end => ones_like(end, requires_grad: false)).ToArray();
        return [.. GuardedTorch.Grad([.. ends], leaves, starts, keepGraph: true, differentiable: false, allowUnused: true).Select(slope => slope is not null)];
    }
}
