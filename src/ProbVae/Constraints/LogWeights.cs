using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Vectors of logarithms of weights: real numbers or negative infinity, at least one of them real.</summary>
public sealed class LogWeights : Support
{
    /// <inheritdoc/>
    public override int EventRank => 1;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        // NaN and infinity anywhere, and negative infinity everywhere, show in the greatest element.
        return value.amax([-1]).isfinite();
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is LogWeights;

    /// <inheritdoc/>
    public override string ToString() => "a vector of real numbers, or −∞ for a probability of 0";

    /// <inheritdoc/>
    protected internal override string Describe(Tensor element)
    {
        ArgumentNullException.ThrowIfNull(element);
        var numbers = element.to(ScalarType.Float64).data<double>().ToArray();
        return $"[{string.Join(", ", numbers.Take(6).Select(Format))}{(numbers.Length > 6 ? ", …" : "")}]";
    }
}
