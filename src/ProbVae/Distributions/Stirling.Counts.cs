using static TorchSharp.torch;

namespace ProbVae;

/// <content>Masses of counts, in float64, to any size of the counts.</content>
internal static partial class Stirling
{
    // Below this the factorials' logarithms themselves keep more than float32's digits in float64.
    private const double GreatCount = 1e4;

    /// <summary>Whether one of these counts or shapes is so large that its factorial's logarithm loses digits in float64.</summary>
    public static bool HasGreat(params ReadOnlySpan<Tensor> counts)
    {
        foreach (var count in counts)
        {
            if (!(Extremes.Greatest(count) <= GreatCount))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether factorials' logarithms as they are keep the digits of a compound mass: no great counts, and no weights next to 0 that leave a probability next to 1.</summary>
    public static bool IsEverydayCompound(Tensor total, params ReadOnlySpan<Tensor> weights)
    {
        foreach (var weight in weights)
        {
            if (!(Extremes.Least(weight) >= Small))
            {
                return false;
            }
        }

        return !HasGreat(total) && !HasGreat(weights);
    }

    /// <summary>The log mass of Poisson(λ) at k, λ &gt; 0: that of Gamma(k + 1, 1) at λ.</summary>
    public static Tensor LogPoissonMass(Tensor count, Tensor rate, Tensor logRate)
    {
        var shape = count.add(1);
        var impossible = logRate.isneginf();
        var (mean, log) = (rate.masked_fill(impossible, 1), logRate.masked_fill(impossible, 0));
        var mass = GammaWeight(shape).sub(DevianceByLog(mean.sub(shape), log, shape)).sub(log);
        return where(impossible, where(count.eq(0), 0.0, double.NegativeInfinity), mass);
    }

    /// <summary>The log mass of a multinomial at counts along the last axis.</summary>
    /// <param name="total">n.</param>
    /// <param name="counts">xₖ, whose sum is n.</param>
    /// <param name="probs">pₖ.</param>
    /// <param name="logProbs">log pₖ.</param>
    public static Tensor LogMultinomialMass(Tensor total, Tensor counts, Tensor probs, Tensor logProbs)
    {
        var n = total.unsqueeze(-1);
        var deviance = DevianceByLog(probs.mul(n).sub(counts), n.clamp_min(1).log().add(logProbs), counts);
        return LogFactorialRest(total).sub(LogFactorialRest(counts).add(deviance).sum(dim: -1));
    }

    /// <summary>The log mass of a Dirichlet-multinomial at counts along the last axis.</summary>
    public static Tensor LogCompoundMass(Tensor counts, Tensor weights)
    {
        var (total, weight, sums) = (counts.sum(dim: -1, keepdim: true), weights.sum(dim: -1, keepdim: true), counts.add(weights));
        var all = total.add(weight);
        // How far the shares of the counts and those of the weights are from the shares of both together.
        var difference = total.mul(weights).sub(counts.mul(weight)).div(all);
        var deviance = Deviance(difference, total.div(all).mul(sums), counts).add(Deviance(difference.neg(), weight.div(all).mul(sums), weights));
        return LogFactorialRest(total.squeeze(-1)).sub(LogFactorialRest(counts).add(deviance).sum(dim: -1))
            .add(LogBetaRest(sums)).sub(LogBetaRest(weights));
    }

    /// <summary>The log mass of a negative binomial at counts k &gt; 0.</summary>
    /// <param name="count">k.</param>
    /// <param name="failures">r.</param>
    /// <param name="difference">p r − (1 − p) k.</param>
    /// <param name="success">log p.</param>
    /// <param name="failure">log (1 − p).</param>
    public static Tensor LogNegativeBinomialMass(Tensor count, Tensor failures, Tensor difference, Tensor success, Tensor failure)
    {
        var sum = count.add(failures);
        var log = sum.log();
        var deviance = DevianceByLog(difference, success.add(log), count).add(DevianceByLog(difference.neg(), failure.add(log), failures));
        return failures.log().sub(count.log()).sub(log).mul(0.5).sub(HalfLogTwoPi)
            .sub(Remainder(count)).sub(Remainder(failures)).add(Remainder(sum)).sub(deviance);
    }

    /// <summary>log k! less k log k − k; 0 for k = 0.</summary>
    public static Tensor LogFactorialRest(Tensor count)
    {
        var none = count.eq(0);
        var positive = count.masked_fill(none, 1);
        return positive.log().mul(0.5).add(HalfLogTwoPi).add(Remainder(positive)).masked_fill(none, 0);
    }
}
