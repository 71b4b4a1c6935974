using static ProbVae.Tests.Distributions.ArgumentSpec;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <content>
/// Families over vectors and matrices, and transformed ones. A row's matrices are made of free numbers, so that every property may move
/// each number by itself.
/// </content>
internal static partial class Families
{
    // One object, by which two distributions know that they have the same transform.
    private static readonly ExpTransform Exp = new();

    public static IReadOnlyList<Family> Vectors { get; } =
    [
        new("Dirichlet", [Numbers("concentration", 3, 0.7, 4)], a => new Dirichlet(a[0]), Pathwise: true, Torch: "Dirichlet"),
        new("MultivariateNormal by scaleTril", [Numbers("loc", 3), Numbers("scaleTril", 6, -1, 1)], a => MultivariateNormal.FromScaleTril(a[0], Lower(a[1])), Pathwise: true),
        new("MultivariateNormal by covariance", [Numbers("loc", 2), Numbers("covariance", 3, -1, 1)], a => MultivariateNormal.FromCovariance(a[0], Gram(a[1])), Pathwise: true),
        new("MultivariateNormal by precision", [Numbers("loc", 2), Numbers("precision", 3, -1, 1)], a => MultivariateNormal.FromPrecision(a[0], Gram(a[1])), Pathwise: true),
        new("LowRankMultivariateNormal", [Numbers("loc", 3), Numbers("covFactor", 3), Numbers("covDiag", 3, 0.3, 2)], a => new LowRankMultivariateNormal(a[0], a[1].unsqueeze(-1), a[2]), Pathwise: true),
        new("LKJCholesky of 2", [Positive("concentration", 0.5, 4)], a => new LKJCholesky(2, a[0]), Pathwise: true),
        new("LKJCholesky of 3", [Positive("concentration", 0.5, 4)], a => new LKJCholesky(3, a[0]), Pathwise: true),
        new("Wishart by scaleTril", [Positive("df", 1.5, 6), Numbers("scaleTril", 3, -1, 1)], a => Wishart.FromScaleTril(a[0], Lower(a[1])), Pathwise: true),
        new("Wishart by covariance", [Positive("df", 1.5, 6), Numbers("covariance", 3, -1, 1)], a => Wishart.FromCovariance(a[0], Gram(a[1])), Pathwise: true),
        new("Wishart by precision", [Positive("df", 1.5, 6), Numbers("precision", 3, -1, 1)], a => Wishart.FromPrecision(a[0], Gram(a[1])), Pathwise: true),
        new("Normal through exp", [Real("loc", -1, 1), Positive("scale", 0.2, 0.8)], a => new TransformedDistribution(new Normal(a[0], a[1]), Exp), Pathwise: true),
        new("Normal through affine and sigmoid", [Real("loc", -1, 1), Positive("scale", 0.2, 0.8), Real("shift")],
            a => new TransformedDistribution(new Normal(a[0], a[1]), new AffineTransform(a[2], 2), new SigmoidTransform()), Pathwise: true),
        new("Laplace through affine", [Real("loc", -1, 1), Positive("scale", 0.2, 0.8), Real("shift"), Positive("stretch")],
            a => new TransformedDistribution(new Laplace(a[0], a[1]), new AffineTransform(a[2], a[3])), Pathwise: true),
        new("LogisticNormal", [Numbers("loc", 2, -1, 1), Numbers("scale", 2, 0.3, 1.2)],
            a => new TransformedDistribution(new Normal(a[0], a[1]), new StickBreakingTransform()), Pathwise: true),
        new("MultivariateNormal through exp", [Numbers("loc", 2, -1, 1), Numbers("scaleTril", 3, -1, 0.2)],
            a => new TransformedDistribution(MultivariateNormal.FromScaleTril(a[0], Lower(a[1])), Exp), Pathwise: true),
    ];

    private static ArgumentSpec Numbers(string name, int count, double low = -2, double high = 2) =>
        new(name, count, units => [.. units.Select(unit => low + (high - low) * unit)]);

    private static Tensor Lower(Tensor numbers) => new LowerCholeskyTransform().Forward(numbers);

    private static Tensor Gram(Tensor numbers)
    {
        var root = Lower(numbers);
        return matmul(root, root.transpose(-2, -1));
    }
}
