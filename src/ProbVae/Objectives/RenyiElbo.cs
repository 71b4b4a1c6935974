using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// log (mean of w^(1 − α))^(1 / (1 − α)) over K draws (Li and Turner 2016, Rényi Divergence Variational Inference): the bound of
/// importance weighting at α = 0 (Burda, Grosse and Salakhutdinov 2016), the ELBO at α = 1.
/// </summary>
internal sealed class RenyiElbo(string word, double alpha, int draws, bool vectorized) : MultiSampleElbo(word, draws, vectorized)
{
    // Nearer to 1 than this, the difference of two logarithms has no digits left in float32.
    private const double Near = 1e-3;

    protected override string Symbol => alpha == 0 ? base.Symbol : FormattableString.Invariant($"L_{alpha},{Particles}");

    protected override string Mean => alpha == 0 ? base.Mean : alpha == 1 ? "mean log w" : FormattableString.Invariant($"log mean w^{1 - alpha:G6} / {1 - alpha:G6}");

    protected override Tensor Bound(Tensor logWeights)
    {
        var power = 1 - alpha;
        if (Math.Abs(power) >= Near)
        {
            return (power == 1 ? logWeights : logWeights.mul(power)).logsumexp(0).sub(Math.Log(Particles)).div(power);
        }

        // The cumulant expansion: mean + power · variance / 2 + O(power²).
        var mean = logWeights.mean([0L]);
        return power == 0 ? mean : mean.add(logWeights.sub(mean).square().mean([0L]).mul(power / 2));
    }
}
