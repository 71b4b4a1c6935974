using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Logarithms of probabilities whose gradients stay numbers where a probability is exactly 0 or 1.</summary>
internal static class LogProbability
{
    /// <summary>log p; negative infinity with gradient 0 at p = 0.</summary>
    public static Tensor LogOf(Tensor probability)
    {
        var impossible = probability.eq(0);
        return probability.masked_fill(impossible, 1).log().masked_fill(impossible, double.NegativeInfinity);
    }

    /// <summary>log(1 − p), exact for small p; negative infinity with gradient 0 at p = 1.</summary>
    public static Tensor LogOfComplement(Tensor probability)
    {
        var certain = probability.eq(1);
        return probability.masked_fill(certain, 0).neg().log1p().masked_fill(certain, double.NegativeInfinity);
    }
}
