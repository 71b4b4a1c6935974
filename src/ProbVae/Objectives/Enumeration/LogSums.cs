using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Sums of exponentials whose gradients stay numbers where every one is zero.</summary>
internal static class LogSums
{
    /// <summary>log Σ exp along an axis; negative infinity, with gradient 0, where every element is.</summary>
    /// <param name="logs">Numbers, or negative infinity.</param>
    /// <param name="axis">The axis, which goes.</param>
    public static Tensor LogSumExp(Tensor logs, long axis)
    {
        var sum = logs.logsumexp(axis);
        var none = sum.detach().isneginf();
        return none.any().ToBoolean()
            ? logs.masked_fill(none.unsqueeze(axis), 0).logsumexp(axis).masked_fill(none, double.NegativeInfinity)
            : sum;
    }

    /// <summary>The greatest element along an axis.</summary>
    /// <param name="logs">Numbers, or negative infinity.</param>
    /// <param name="axis">The axis, which goes.</param>
    public static Tensor Greatest(Tensor logs, long axis) => logs.amax([axis]);
}
