using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A single value for each element.</summary>
/// <param name="value">The value.</param>
public sealed class Point(Tensor value) : Support
{
    /// <summary>The value.</summary>
    public Tensor Value { get; } = value;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.eq(Value);
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => false;

    /// <inheritdoc/>
    public override string ToString() => Value.numel() == 1 ? Describe(Value) : $"the one value of each element (shape {new Shape(Value.shape)})";
}
