using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Factor · Values + Offset, element by element, with the two numbers kept out of torch until a sum is known: an operation with a
/// number costs a step as much as one with a tensor, forward and backward, and a sum needs it once at most.
/// </summary>
/// <param name="Values">The values.</param>
/// <param name="Factor">What each is multiplied with.</param>
/// <param name="Offset">What is then added to each.</param>
public readonly record struct ScaledTensor(Tensor Values, double Factor = 1, double Offset = 0)
{
    /// <summary>The values as they are.</summary>
    public static implicit operator ScaledTensor(Tensor values) => new(values);

    /// <summary>The number in a sum of one element, with the two numbers worked in.</summary>
    internal double Number => (Factor * HostNumbers.Single(Values)) + Offset;

    /// <summary>Works the two numbers in.</summary>
    public Tensor ToTensor()
    {
        var scaled = Factor == 1 ? Values : Values.mul(Factor);
        return Offset == 0 ? scaled : scaled.add(Offset);
    }
}
