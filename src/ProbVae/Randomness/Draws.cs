using static TorchSharp.torch;

namespace ProbVae;

/// <summary>What the families' samplers share: uniform numbers, and bounds that rounding does not cross.</summary>
internal static class Draws
{
    /// <summary>Standard normal numbers.</summary>
    public static Tensor Normal(Shape shape, ScalarType dtype, Device device, Generator generator) =>
        SharedGenerator.Drawn(shape, generator, (sizes, stream) => randn(sizes, dtype, device, generator: stream));

    /// <summary>Uniform numbers in [0, 1).</summary>
    public static Tensor Uniform(Shape shape, ScalarType dtype, Device device, Generator generator) =>
        SharedGenerator.Drawn(shape, generator, (sizes, stream) => rand(sizes, dtype, device, generator: stream));

    /// <summary>Uniform numbers in (0, 1], whose logarithms are finite.</summary>
    public static Tensor AboveZero(Shape shape, ScalarType dtype, Device device, Generator generator) =>
        Uniform(shape, dtype, device, generator).neg_().add_(1);

    /// <summary>Moves draws that rounded to 0 or infinity to the nearest finite positive number of their type.</summary>
    public static Tensor KeptPositive(this Tensor draws)
    {
        var limits = finfo(draws.dtype);
        var inside = HostNumbers.Range(draws) is var (least, greatest) && least >= limits.tiny && greatest <= limits.max;
        return inside ? draws : draws.clamp(limits.tiny, limits.max);
    }

    /// <summary>Moves draws that rounded to 0 or 1 to the nearest number between.</summary>
    public static Tensor KeptInsideUnitInterval(this Tensor draws)
    {
        var limits = finfo(draws.dtype);
        return draws.clamp(limits.tiny, 1 - limits.eps / 2);
    }

    /// <summary>Quantiles of probabilities between 0 and 1 as finite positive numbers of a type; those of 0 and 1 as they are.</summary>
    public static Tensor QuantileKeptPositive(Tensor quantile, Tensor probability, ScalarType dtype)
    {
        var limits = finfo(dtype);
        return where(probability.gt(0).logical_and(probability.lt(1)), quantile.clamp(limits.tiny, limits.max), quantile).to(dtype);
    }

    /// <summary>Draws by their logarithms, kept to the finite positive numbers of their type before they could leave them: the gradient there is 0.</summary>
    public static Tensor ExpKeptPositive(this Tensor logarithms) => ExpKeptPositive(logarithms, logarithms.dtype);

    /// <summary>The same, kept to the numbers of a type in which the draws are given later.</summary>
    public static Tensor ExpKeptPositive(this Tensor logarithms, ScalarType dtype)
    {
        var limits = finfo(dtype);
        var (low, high) = (Math.Log(limits.tiny) + 1e-4, Math.Log(limits.max) - 1e-4);
        var inside = HostNumbers.Range(logarithms) is var (least, greatest) && least >= low && greatest <= high;
        return (inside ? logarithms : logarithms.clamp(low, high)).exp();
    }
}
