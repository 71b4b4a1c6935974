using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Finitely many values, which may differ by element.</summary>
/// <param name="values">The values: batch + number + one value's axes.</param>
/// <param name="eventRank">How many axes one value has.</param>
public sealed class Atoms(Tensor values, int eventRank) : ArraySupport
{
    /// <inheritdoc/>
    public override int EventRank => eventRank;

    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value) => Matches(value).any(-1);

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => false;

    /// <inheritdoc/>
    public override string ToString() => $"one of {values.shape[^(eventRank + 1)]} given values";

    /// <summary>For each element and each of the values, whether they are equal: the values along the last axis.</summary>
    internal Tensor Matches(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var equal = value.unsqueeze(-1 - eventRank).eq(values);
        return eventRank == 0 ? equal : equal.flatten(equal.dim() - eventRank).all(-1);
    }
}
