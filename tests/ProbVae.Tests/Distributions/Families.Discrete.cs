using static ProbVae.Tests.Distributions.ArgumentSpec;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <content>Counts, relaxed bits, and distributions made of others, of one number each.</content>
internal static partial class Families
{
    internal static IReadOnlyList<Family> Discrete =>
    [
        new("Geometric by probs", [Probability("probs", 0.2, 0.95)], a => Geometric.FromProbs(a[0])),
        new("Geometric by logits", [Real("logits", -1.5, 2.5)], a => Geometric.FromLogits(a[0])),
        new("Poisson by rate", [Positive("rate", 0.3, 14, zero: true)], a => Poisson.FromRate(a[0])),
        new("Poisson by log rate", [Real("logRate", -1, 2.5)], a => Poisson.FromLogRate(a[0])),
        new("Binomial by probs", [Whole("totalCount", 3, 30), Probability("probs", 0.05, 0.95)], a => Binomial.FromProbs(a[0], a[1])),
        new("Binomial by logits", [Whole("totalCount", 3, 30), Real("logits", -2, 2)], a => Binomial.FromLogits(a[0], a[1])),
        new("BetaBinomial", [Whole("totalCount", 3, 12), Positive("concentration1", 0.5, 5), Positive("concentration0", 0.5, 5)], a => new BetaBinomial(a[0], a[1], a[2])),
        new("NegativeBinomial by probs", [Positive("totalCount", 0.5, 6), Probability("probs", 0.05, 0.8)], a => NegativeBinomial.FromProbs(a[0], a[1])),
        new("NegativeBinomial by logits", [Positive("totalCount", 0.5, 6), Real("logits", -2, 1.5)], a => NegativeBinomial.FromLogits(a[0], a[1])),
        new("NegativeBinomial by mean", [Positive("totalCount", 0.5, 6), Positive("mean", 0.3, 9)], a => NegativeBinomial.FromMean(a[0], a[1])),
        new("ZeroInflated by probs", [Probability("gate", 0.05, 0.9), Positive("rate", 0.5, 6, zero: true)], a => ZeroInflated.FromProbs(a[0], Poisson.FromRate(a[1]))),
        new("ZeroInflated by logits", [Real("gateLogits", -2, 2), Whole("totalCount", 3, 9), Probability("probs", 0.1, 0.9)], a => ZeroInflated.FromLogits(a[0], Binomial.FromProbs(a[1], a[2]))),
        new("RelaxedBernoulli by probs", [Positive("temperature", 0.9, 2), Probability("probs", 0.1, 0.9, open: true)], a => RelaxedBernoulli.FromProbs(a[0], a[1]), Pathwise: true, HasMoments: false),
        new("RelaxedBernoulli by logits", [Positive("temperature", 0.9, 2), Real("logits", -2, 2)], a => RelaxedBernoulli.FromLogits(a[0], a[1]), Pathwise: true, HasMoments: false),
        new("Mixture of normals", [Elements("loc", 3, -2, 2), LogWeights("logits", 3)], a => new MixtureSameFamily(Categorical.FromLogits(a[1]), new Normal(a[0], ones_like(a[0])))),
        new("Mixture of counts", [Elements("logRate", 2, 0, 2), LogWeights("logits", 2)], a => new MixtureSameFamily(Categorical.FromLogits(a[1]), Poisson.FromLogRate(a[0]))),
        new("Mixture of two families", [Real("loc", -1, 1), Positive("scale", 0.5, 2), LogWeights("logits", 2)], a => new Mixture(Categorical.FromLogits(a[2]), new Normal(a[0], 1), new Laplace(0.5, a[1]))),
        new("Masked", [Real("loc"), Positive("scale")], a => new Normal(a[0], a[1]).Mask(tensor(true)), Pathwise: true),
    ];
}
