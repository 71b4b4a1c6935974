using static TorchSharp.torch;

namespace ProbVae;

/// <content>What a distribution made of others needs of them.</content>
public abstract partial class Distribution
{
    /// <summary>Makes a distribution of others; it answers for their arguments.</summary>
    /// <param name="parts">The distributions that it is made of, the first of which gives type and device.</param>
    /// <param name="batch">Its batch shape.</param>
    /// <param name="elementShape">The shape of one of its values.</param>
    private protected Distribution(ReadOnlySpan<Distribution> parts, Shape batch, Shape elementShape)
    {
        (_batch, _elementShape, DType, Device) = (batch, elementShape, parts[0].DType, parts[0].Device);
        var arguments = new List<Argument>();
        foreach (var part in parts)
        {
            arguments.AddRange(part.Arguments);
        }

        _arguments = [.. arguments];
    }

    /// <summary>Draws a tensor of exactly the given shape.</summary>
    internal Tensor DrawExactly(Shape shape, Generator generator) => Draw(shape, generator);
}
