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

    /// <summary>log(1 − eʸ) for y ≤ 0, exact for small and large eʸ (Mächler 2012, Accurately Computing log(1 − exp(−|a|))).</summary>
    public static Tensor LogOfComplementOfExp(Tensor y)
    {
        var near = y.gt(-Math.Log(2));
        return where(near, y.masked_fill(near.logical_not(), -1).expm1().neg().log(), y.masked_fill(near, -1).exp().neg().log1p());
    }

    /// <summary>−p log p; 0 at p = 0.</summary>
    public static Tensor Information(Tensor probability, Tensor log) => probability.mul(log.masked_fill(probability.eq(0), 0)).neg();
}
