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

    /// <summary>For a factor, where a backward pass through the sum of the values starts in place of their graph, and with what; null where the graph is the way.</summary>
    internal Func<double, IReadOnlyList<(Tensor At, Tensor Gradient)>>? Gradient { get; init; }

    /// <summary>Where a backward pass through the sum of the values starts, and with what, if that gradient is to be multiplied with a factor.</summary>
    internal IReadOnlyList<(Tensor At, Tensor Gradient)> Starts(double factor) => Gradient is not null ? Gradient(factor)
        : Values.requires_grad ? [(Values, full_like(Values, factor))] : [];

    /// <summary>The same, spread over the elements of a larger shape.</summary>
    internal ScaledTensor Spread(Shape shape)
    {
        if (Shape.Of(Values) == shape)
        {
            return this;
        }

        var (gradient, copies) = (Gradient, (double)shape.Count / Values.numel());
        return this with { Values = Values.expand(shape.ToArray()), Gradient = gradient is null ? null : factor => gradient(factor * copies) };
    }

    /// <summary>The number in a sum of one element, with the two numbers worked in.</summary>
    internal double Number => (Factor * HostNumbers.Single(Values)) + Offset;

    /// <summary>Works the two numbers in.</summary>
    public Tensor ToTensor()
    {
        var scaled = Factor == 1 ? Values : Values.mul(Factor);
        return Offset == 0 ? scaled : scaled.add(Offset);
    }
}
