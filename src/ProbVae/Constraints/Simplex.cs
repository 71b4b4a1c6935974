using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Vectors of numbers of at least 0 that sum to 1, to within float32's rounding.</summary>
public sealed class Simplex : Support
{
    private const double Tolerance = 1e-5;

    /// <inheritdoc/>
    public override int EventRank => 1;

    /// <inheritdoc/>
    public override Tensor Contains(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.ge(0).all(-1).logical_and(value.sum(-1).sub(1).abs().le(Tolerance));
    }

    /// <inheritdoc/>
    protected override bool CoversSet(Support other) => other is Simplex;

    /// <inheritdoc/>
    public override string ToString() => "a vector of numbers ≥ 0 that sum to 1";

    /// <inheritdoc/>
    protected internal override string Describe(Tensor element)
    {
        ArgumentNullException.ThrowIfNull(element);
        var numbers = element.to(ScalarType.Float64).data<double>().ToArray();
        var shown = string.Join(", ", numbers.Take(6).Select(Format)) + (numbers.Length > 6 ? ", …" : "");
        return $"[{shown}] with the sum {Format(numbers.Sum())}";
    }
}
