using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The gamma function over p × p matrices: log Γₚ(x) = ¼ p (p − 1) log π + Σⱼ log Γ(x − j/2), j = 0 … p − 1.</summary>
internal static class MultivariateGamma
{
    public static Tensor LogGamma(Tensor x, long p) => Arguments(x, p).lgamma().sum(dim: -1).add(0.25 * p * (p - 1) * Math.Log(Math.PI));

    /// <summary>The derivative of <see cref="LogGamma"/>.</summary>
    public static Tensor Digamma(Tensor x, long p) => Arguments(x, p).digamma().sum(dim: -1);

    private static Tensor Arguments(Tensor x, long p) => x.unsqueeze(-1).sub(arange(p, dtype: x.dtype, device: x.device).mul(0.5));
}
