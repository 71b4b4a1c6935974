using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Vectors with a single 1 and otherwise 0.</summary>
/// <param name="length">How many numbers the vector has.</param>
public sealed class OneHot(long length) : ArraySupport
{
    /// <summary>How many numbers the vector has.</summary>
    public long Length { get; } = length;

    /// <inheritdoc/>
    public override int EventRank => 1;

    /// <inheritdoc/>
    public override bool IsDiscrete => true;

    /// <inheritdoc/>
    public override Tensor? Elements => eye(Length);

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.shape is [.., var length] && length == Length
            ? value.eq(0).logical_or(value.eq(1)).all(-1).logical_and(value.sum(-1).eq(1))
            : Nowhere(value);
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is OneHot vectors && vectors.Length == Length;

    /// <inheritdoc/>
    public override string ToString() => $"a vector of {Length} numbers, one of them 1 and the others 0";
}
