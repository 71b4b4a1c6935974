using static ProbVae.Tests.Distributions.ArgumentSpec;

namespace ProbVae.Tests.Distributions;

/// <content>The rows of the other continuous univariate families.</content>
internal static partial class Families
{
    private static IReadOnlyList<Family> Continuous =>
    [
        new("Cauchy", [Real("loc"), Positive("scale")], a => new Cauchy(a[0], a[1]), Pathwise: true, Torch: "Cauchy", HasMoments: false),
        new("HalfCauchy", [Positive("scale")], a => new HalfCauchy(a[0]), Pathwise: true, Torch: "HalfCauchy", HasMoments: false),
        new("StudentT", [Positive("df", 5, 9), Real("loc"), Positive("scale")], a => new StudentT(a[0], a[1], a[2]), Pathwise: true, Torch: "StudentT"),
        new("Gumbel", [Real("loc"), Positive("scale")], a => new Gumbel(a[0], a[1]), Pathwise: true, Torch: "Gumbel"),
        new("Logistic", [Real("loc"), Positive("scale")], a => new Logistic(a[0], a[1]), Pathwise: true),
        new("InverseGamma", [Positive("concentration", 5, 8), Positive("rate")], a => InverseGamma.FromShapeScale(a[0], a[1]), Pathwise: true, Torch: "InverseGamma"),
        new("Chi2", [Positive("df", 1, 8)], a => new Chi2(a[0]), Pathwise: true, Torch: "Chi2"),
        new("Kumaraswamy", [Positive("concentration1", 0.5, 4), Positive("concentration0", 0.5, 4)], a => new Kumaraswamy(a[0], a[1]), Pathwise: true, Torch: "Kumaraswamy"),
        new("Pareto", [Positive("scale", 0.5, 2), Positive("alpha", 5, 8)], a => new Pareto(a[0], a[1]), Pathwise: true, Torch: "Pareto"),
        new("Weibull", [Positive("scale"), Positive("concentration", 0.8, 3)], a => new Weibull(a[0], a[1]), Pathwise: true, Torch: "Weibull"),
        new("VonMises", [Real("loc"), Positive("concentration", 0.3, 5)], a => new VonMises(a[0], a[1]), Pathwise: true, Torch: "VonMises", HasMoments: false),
        new("ContinuousBernoulli by probs", [Probability("probs")], a => ContinuousBernoulli.FromProbs(a[0]), Pathwise: true, Torch: "ContinuousBernoulli"),
        new("ContinuousBernoulli by logits", [Real("logits", -4, 4)], a => ContinuousBernoulli.FromLogits(a[0]), Pathwise: true),
        new("TruncatedNormal", [Real("loc"), Positive("scale"), Bound("low", -3, -0.25), Bound("high", 0.25, 3)], a => new TruncatedNormal(a[0], a[1], a[2], a[3]), Pathwise: true),
        new("TruncatedNormal from below", [Real("loc"), Positive("scale"), Bound("low", -3, 3)], a => new TruncatedNormal(a[0], a[1], a[2], double.PositiveInfinity), Pathwise: true),
        new("TruncatedNormal from above", [Real("loc"), Positive("scale"), Bound("high", -3, 3)], a => new TruncatedNormal(a[0], a[1], double.NegativeInfinity, a[2]), Pathwise: true),
    ];

    // A bound may be infinite, which Real refuses.
    private static ArgumentSpec Bound(string name, double low, double high) => new(name, 0, units => [low + (high - low) * units[0]], [double.NaN]);
}
