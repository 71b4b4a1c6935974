using static TorchSharp.torch;

namespace ProbVae.Benchmarks;

/// <summary>
/// The ten families, each with the formula that one writes for it on torch: as in a text book, with torch's own function for a
/// log density where everybody calls that (cross-entropy of bits from logits, log_softmax).
/// </summary>
internal static class DensityProblems
{
    public const int Batch = 128;
    public const int Pixels = 784;
    public const int Categories = 10;

    /// <summary>The problems, made one at a time; the caller disposes of them.</summary>
    public static IEnumerable<Func<DensityProblem>> All => [Normal, Bernoulli, Laplace, LogNormal, Gamma, Beta, Exponential, StudentT, Categorical, Poisson];

    private static DensityProblem Normal()
    {
        var (x, mu, sigma) = (Real(1), Leaf(Real(2)), Leaf(Positive(3)));
        return new("Normal", x, [mu, sigma], () => new Normal(mu, sigma),
            [("by hand", () => -0.5 * ((x - mu) / sigma).pow(2) - sigma.log() - 0.5 * Math.Log(2 * Math.PI))], MustBeFaster: true);
    }

    private static DensityProblem Bernoulli()
    {
        var (x, logits) = (Bits(1), Leaf(Real(2)));
        return new("Bernoulli from logits", x, [logits], () => ProbVae.Bernoulli.FromLogits(logits),
        [
            ("torch's cross-entropy", () => -nn.functional.binary_cross_entropy_with_logits(logits, x, reduction: nn.Reduction.None)),
            ("log of sigmoid, unstable", () => x * logits.sigmoid().log() + (1 - x) * (1 - logits.sigmoid()).log()),
        ], MustBeFaster: true);
    }

    private static DensityProblem Laplace()
    {
        var (x, mu, b) = (Real(1), Leaf(Real(2)), Leaf(Positive(3)));
        return new("Laplace", x, [mu, b], () => new Laplace(mu, b), [("by hand", () => -(x - mu).abs() / b - (2 * b).log())]);
    }

    private static DensityProblem LogNormal()
    {
        var (x, mu, sigma) = (Positive(1), Leaf(Real(2)), Leaf(Positive(3)));
        return new("LogNormal", x, [mu, sigma], () => new LogNormal(mu, sigma),
            [("by hand", () => -0.5 * ((x.log() - mu) / sigma).pow(2) - x.log() - sigma.log() - 0.5 * Math.Log(2 * Math.PI))]);
    }

    private static DensityProblem Gamma()
    {
        var (x, alpha, beta) = (Positive(1), Leaf(Positive(2)), Leaf(Positive(3)));
        return new("Gamma", x, [alpha, beta], () => ProbVae.Gamma.FromShapeRate(alpha, beta),
            [("by hand", () => alpha * beta.log() + (alpha - 1) * x.log() - beta * x - alpha.lgamma())]);
    }

    private static DensityProblem Beta()
    {
        var (x, alpha, beta) = (Fraction(1), Leaf(Positive(2)), Leaf(Positive(3)));
        return new("Beta", x, [alpha, beta], () => new Beta(alpha, beta),
            [("by hand", () => (alpha - 1) * x.log() + (beta - 1) * (1 - x).log() + (alpha + beta).lgamma() - alpha.lgamma() - beta.lgamma())]);
    }

    private static DensityProblem Exponential()
    {
        var (x, rate) = (Positive(1), Leaf(Positive(2)));
        return new("Exponential", x, [rate], () => new Exponential(rate), [("by hand", () => rate.log() - rate * x)]);
    }

    private static DensityProblem StudentT()
    {
        var (x, nu, mu, sigma) = (Real(1), Leaf(Positive(2)), Leaf(Real(3)), Leaf(Positive(4)));
        return new("StudentT", x, [nu, mu, sigma], () => new StudentT(nu, mu, sigma),
        [
            ("by hand", () => ((nu + 1) / 2).lgamma() - (nu / 2).lgamma() - 0.5 * (nu * Math.PI).log() - sigma.log()
                - (nu + 1) / 2 * (1 + ((x - mu) / sigma).pow(2) / nu).log()),
        ]);
    }

    private static DensityProblem Categorical()
    {
        var (x, logits) = (Numbers(1, Categories), Leaf(Real(2, Categories)));
        var category = x.to(ScalarType.Int64).DetachFromDisposeScope();
        x.Dispose();
        return new($"Categorical from logits, {Categories} categories", category, [logits], () => ProbVae.Categorical.FromLogits(logits),
            [("by hand", () => logits.log_softmax(-1).gather(-1, category.unsqueeze(-1)).squeeze(-1))]);
    }

    private static DensityProblem Poisson()
    {
        var (x, rate) = (Numbers(1, 10), Leaf(Positive(2)));
        return new("Poisson", x, [rate], () => ProbVae.Poisson.FromRate(rate), [("by hand", () => x * rate.log() - rate - (x + 1).lgamma())]);
    }

    private static Tensor Leaf(Tensor values) => values.requires_grad_();

    private static Tensor Real(long stream, params long[] more) => Drawn(stream, generator => randn([Batch, Pixels, .. more], generator: generator));

    // From 0.5 to 3: what a softplus gives a scale or a rate.
    private static Tensor Positive(long stream) => Drawn(stream, generator => Uniform(generator) * 2.5 + 0.5);

    private static Tensor Fraction(long stream) => Drawn(stream, generator => Uniform(generator) * 0.98 + 0.01);

    private static Tensor Bits(long stream) => Drawn(stream, generator => Uniform(generator).gt(0.5).to(ScalarType.Float32));

    private static Tensor Numbers(long stream, int count) => Drawn(stream, generator => (Uniform(generator) * count).floor().clamp_max(count - 1));

    private static Tensor Uniform(Generator generator) => rand([Batch, Pixels], generator: generator);

    private static Tensor Drawn(long stream, Func<Generator, Tensor> draw)
    {
        using var scope = NewDisposeScope();
        using var generator = new RandomKey(stream).NewGenerator();
        return draw(generator).MoveToOuterDisposeScope();
    }
}
