using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Gradients with respect to chosen tensors.</summary>
/// <remarks>
/// TorchSharp 0.107.0: <c>autograd.grad</c> ends the process where libtorch refuses (no graph, a graph that is gone), and the place of an
/// input that is not used holds a tensor without a handle. <c>autograd.backward</c> throws, so the gradients are collected by it.
/// </remarks>
internal static class Gradients
{
    /// <summary>The gradient of a scalar in each input, 0 where the scalar does not depend on it. The inputs' own gradients stay as they were.</summary>
    /// <param name="scalar">The tensor of one element that is differentiated.</param>
    /// <param name="inputs">What it is differentiated in.</param>
    /// <param name="keepGraph">Whether it is differentiated again.</param>
    /// <param name="differentiable">Whether the gradients are differentiated in turn.</param>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">Libtorch refuses, as where the scalar has no graph.</exception>
    public static Tensor[] Of(Tensor scalar, IList<Tensor> inputs, bool keepGraph = false, bool differentiable = false)
    {
        var before = inputs.Select(input => input.grad).ToArray();
        try
        {
            SetAll(inputs, new Tensor?[inputs.Count]);
            autograd.backward([scalar], null, keepGraph || differentiable, differentiable, inputs);
            return [.. inputs.Select(input => input.grad is { } slope ? slope : zeros_like(input, requires_grad: false))];
        }
        finally
        {
            SetAll(inputs, before);
        }
    }

    /// <summary>Whether the graph of any of some tensors leads to each leaf; a gradient of exactly 0 is one.</summary>
    /// <param name="ends">Tensors of any shape that ask for a gradient; their graph is kept.</param>
    /// <param name="leaves">The leaves; their own gradients stay as they were.</param>
    public static bool[] Reach(IReadOnlyList<Tensor> ends, IList<Tensor> leaves)
    {
        var before = leaves.Select(leaf => leaf.grad).ToArray();
        try
        {
            SetAll(leaves, new Tensor?[leaves.Count]);
            autograd.backward([.. ends], [.. ends.Select(end => ones_like(end, requires_grad: false))], true, false, leaves);
            return [.. leaves.Select(leaf => leaf.grad is not null)];
        }
        finally
        {
            SetAll(leaves, before);
        }
    }

    private static void SetAll(IList<Tensor> inputs, Tensor?[] gradients)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            inputs[i].grad = gradients[i];
        }
    }
}
