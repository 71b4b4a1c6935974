using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Logarithms that go with a tensor of probabilities: what made it from log x keeps log x, so that a density of x and its gradient have it
/// where x itself has rounded to 0. They belong to the tensor object, die with it, and nobody sees those of a tensor that he does not hold.
/// </summary>
internal static class LogCoordinates
{
    private static readonly ConditionalWeakTable<Tensor, Tensor> Known = [];

    /// <summary>Notes the logarithms of a tensor that has just been made.</summary>
    public static Tensor WithLogarithms(this Tensor value, Tensor logarithms)
    {
        Known.AddOrUpdate(value, logarithms);
        return value;
    }

    /// <summary>The logarithms that were noted; null where there are none, or none by which the tensor's gradient is known.</summary>
    public static Tensor? Of(Tensor value) =>
        Known.TryGetValue(value, out var logarithms) && !logarithms.IsInvalid && (logarithms.requires_grad == value.requires_grad || !is_grad_enabled()) ? logarithms : null;
}
