using static TorchSharp.torch;

namespace ProbVae;

/// <content>Entropies of the other continuous univariate families.</content>
internal static partial class Expectations
{
    public static Tensor Entropy(Gumbel q) => q.Scale.log().add(1 + EulerGamma);

    public static Tensor Entropy(Pareto q) => q.Scale.log().sub(q.Alpha.log()).add(q.Alpha.reciprocal()).add(1);

    public static Tensor Entropy(Weibull q) =>
        (1 - q.Concentration.reciprocal()).mul(EulerGamma).add(q.Scale.log()).sub(q.Concentration.log()).add(1);

    public static Tensor Entropy(ContinuousBernoulli q) => q.LogNormalizer.sub(q.Logits.mul(q.MeanExcess));
}
