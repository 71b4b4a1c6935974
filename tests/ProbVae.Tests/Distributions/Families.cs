using static ProbVae.Tests.Distributions.ArgumentSpec;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>The table of all families: a new one is a source file and a row here.</summary>
internal static partial class Families
{
    public static IReadOnlyList<Family> All { get; } =
    [
        new("Normal", [Real("loc"), Positive("scale")], a => new Normal(a[0], a[1]), Pathwise: true, Torch: "Normal"),
        new("Laplace", [Real("loc"), Positive("scale")], a => new Laplace(a[0], a[1]), Pathwise: true, Torch: "Laplace"),
        new("LogNormal", [Real("loc", -1, 1), Positive("scale", 0.2, 0.8)], a => new LogNormal(a[0], a[1]), Pathwise: true, Torch: "LogNormal"),
        new("HalfNormal", [Positive("scale")], a => new HalfNormal(a[0]), Pathwise: true, Torch: "HalfNormal"),
        new("Uniform", [Real("low", -3, -0.25), Real("high", 0.25, 3)], a => new Uniform(a[0], a[1]), Pathwise: true, Torch: "Uniform"),
        new("Beta", [Positive("concentration1", 0.5, 4), Positive("concentration0", 0.5, 4)], a => new Beta(a[0], a[1]), Pathwise: true, Torch: "Beta"),
        new("Gamma by shape and rate", [Positive("concentration", 0.5, 5), Positive("rate")], a => Gamma.FromShapeRate(a[0], a[1]), Pathwise: true, Torch: "Gamma"),
        new("Gamma by shape and scale", [Positive("concentration", 0.5, 5), Positive("scale")], a => Gamma.FromShapeScale(a[0], a[1]), Pathwise: true),
        new("Gamma by moments", [Positive("mean", 1, 3), Positive("standardDeviation", 0.4, 1.2)], a => Gamma.FromMeanAndStandardDeviation(a[0], a[1]), Pathwise: true),
        new("Exponential", [Positive("rate")], a => new Exponential(a[0]), Pathwise: true, Torch: "Exponential"),
        new("Bernoulli by probs", [Probability("probs")], a => Bernoulli.FromProbs(a[0]), Torch: "Bernoulli"),
        new("Bernoulli by logits", [Real("logits")], a => Bernoulli.FromLogits(a[0]), Torch: "Bernoulli"),
        new("Bernoulli soft", [Real("logits")], a => Bernoulli.FromLogits(a[0], soft: true), IsDensity: false),
        new("Categorical by probs", [Simplex("probs", 4)], a => Categorical.FromProbs(a[0]), Torch: "Categorical"),
        new("Categorical by logits", [LogWeights("logits", 4)], a => Categorical.FromLogits(a[0])),
        new("Delta", [Real("value")], a => new Delta(a[0]), Pathwise: true),
        .. Discrete,
        .. Continuous,
    ];

    /// <summary>The rows' names, for theories.</summary>
    public static TheoryData<string> Names { get; } = [.. All.Select(family => family.Name)];

    public static Family ByName(string name) => All.Single(family => family.Name == name);

    /// <summary>The row whose arguments are those of a torch family's row.</summary>
    public static Family ByTorchRow(string name, (string Name, double[] Value)[] arguments) =>
        All.Single(family => family.Torch == name && family.Arguments.Select(argument => argument.Name).SequenceEqual(arguments.Select(argument => argument.Name)));

    /// <summary>The distribution of a torch row.</summary>
    public static Distribution FromTorchRow(string name, (string Name, double[] Value)[] arguments, ScalarType dtype = ScalarType.Float64)
    {
        var family = ByTorchRow(name, arguments);
        return family.Build([.. family.Arguments.Select((spec, i) =>
            tensor(arguments[i].Value, dtype).reshape(spec.Length == 0 ? [] : [arguments[i].Value.Length]))]);
    }
}
