using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Logarithms of probabilities whose gradients stay numbers where a probability is exactly 0 or 1.</summary>
internal static class LogProbability
{
    /// <summary>log p; negative infinity with gradient 0 at p = 0, unless the probabilities were made from their logarithms.</summary>
    public static Tensor LogOf(Tensor probability)
    {
        if (LogCoordinates.Of(probability) is { } logarithms)
        {
            return logarithms;
        }

        var impossible = probability.eq(0);
        return probability.masked_fill(impossible, 1).log().masked_fill(impossible, double.NegativeInfinity);
    }

    /// <summary>The same, worked out in a type.</summary>
    public static Tensor LogOf(Tensor probability, ScalarType type) => LogCoordinates.Of(probability) is { } logarithms ? logarithms.to(type) : LogOf(probability.to(type));

    /// <summary>log(1 − p), exact for small p; negative infinity with gradient 0 at p = 1.</summary>
    public static Tensor LogOfComplement(Tensor probability)
    {
        var certain = probability.eq(1);
        return probability.masked_fill(certain, 0).neg().log1p().masked_fill(certain, double.NegativeInfinity);
    }

    /// <summary>
    /// e^(l − m), a mass or density in parts of a sum whose logarithm m carries no gradient: what a probability that is exactly 0 would add
    /// is a number, held below the greatest of its type.
    /// </summary>
    public static Tensor RelativeTo(Tensor level, Tensor log) => log.sub(level).clamp_max(Math.Log(finfo(log.dtype).max) - 1).exp();

    /// <summary>log(1 − eʸ) for y ≤ 0, exact for small and large eʸ (Mächler 2012, Accurately Computing log(1 − exp(−|a|))).</summary>
    public static Tensor LogOfComplementOfExp(Tensor y)
    {
        var near = y.gt(-Math.Log(2));
        return where(near, y.masked_fill(near.logical_not(), -1).expm1().neg().log(), y.masked_fill(near, -1).exp().neg().log1p());
    }

    /// <summary>−p log p; 0 at p = 0.</summary>
    public static Tensor Information(Tensor probability, Tensor log) => probability.mul(log.masked_fill(probability.eq(0), 0)).neg();
}
