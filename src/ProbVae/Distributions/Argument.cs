using static TorchSharp.torch;

namespace ProbVae;

/// <summary>One argument of a distribution: its name, its value and the values it may have.</summary>
/// <param name="Name">The name in the family's constructor, as in <c>scale</c>.</param>
/// <param name="Value">The value.</param>
/// <param name="Range">Where each element must lie.</param>
/// <param name="EventRank">How many of the value's last axes belong to one event: 1 for the logits of a Categorical.</param>
public sealed record Argument(string Name, Tensor Value, Support Range, int EventRank = 0)
{
    /// <summary>Says in a sentence which element lies outside the range, or null where all lie inside.</summary>
    /// <param name="family">The family, for the sentence.</param>
    public string? Problem(string family)
    {
        return Range.ContainsAll(Value) ? null : $"{family}: {Name} must be {Range}; {FirstOutside(Value, Range)}.";
    }

    /// <summary>Names the first element of a value outside a support, with its place and the value's shape.</summary>
    /// <param name="value">A value with an element outside.</param>
    /// <param name="support">The support.</param>
    internal static string FirstOutside(Tensor value, Support support)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var inside = support.Contains(value);
        var place = inside.logical_not().nonzero()[0].data<long>().ToArray();
        var element = value.ElementAt(place);
        var text = support.Describe(element);
        return place.Length == 0 ? $"received {text}" : $"received {text} at {new Shape(place)} of shape {new Shape(value.shape)}";
    }
}
