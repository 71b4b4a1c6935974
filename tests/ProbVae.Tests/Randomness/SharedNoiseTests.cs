using static TorchSharp.torch;

namespace ProbVae.Tests.Randomness;

/// <summary>A process draws its rows of the very numbers that one process draws for all rows.</summary>
public sealed class SharedNoiseTests
{
    private const int Whole = 20;
    private const int First = 7;
    private const int Count = 6;

    public static TheoryData<string> Exact => [.. Families.Where(family => family.Value.Exact).Select(family => family.Key)];

    public static TheoryData<string> ByRejection => [.. Families.Where(family => !family.Value.Exact).Select(family => family.Key)];

    private static Dictionary<string, (bool Exact, Func<Tensor, Distribution> Make)> Families { get; } = new()
    {
        ["Normal"] = (true, x => new Normal(x, 0.5)),
        ["LogNormal"] = (true, x => new LogNormal(x, 0.5)),
        ["HalfNormal"] = (true, x => new HalfNormal(x)),
        ["Uniform"] = (true, x => new Uniform(0, x)),
        ["Bernoulli"] = (true, x => Bernoulli.FromProbs(x / 4)),
        ["ContinuousBernoulli"] = (true, x => ContinuousBernoulli.FromProbs(x / 4)),
        ["Categorical"] = (true, x => Categorical.FromLogits(stack([x, 2 - x], -1))),
        ["OneHotCategorical"] = (true, x => OneHotCategorical.FromLogits(stack([x, 2 - x], -1))),
        ["Cauchy"] = (true, x => new Cauchy(0, x)),
        ["Laplace"] = (true, x => new Laplace(0, x)),
        ["Logistic"] = (true, x => new Logistic(0, x)),
        ["Gumbel"] = (true, x => new Gumbel(0, x)),
        ["Exponential"] = (true, x => new Exponential(x)),
        ["TruncatedNormal"] = (true, x => new TruncatedNormal(x, 1, 0, 3)),
        ["MultivariateNormal"] = (true, x => MultivariateNormal.FromScaleTril(stack([x, x], -1), eye(2))),
        ["VonMises"] = (true, x => new VonMises(0, x)),
        ["a mixture"] = (true, x => new MixtureSameFamily(Categorical.FromLogits(zeros(2)), new Normal(stack([x, -x], -1), 0.1))),
        ["a transformed one"] = (true, x => new TransformedDistribution(new Normal(x, 1), new ExpTransform())),
        ["Gamma"] = (false, x => Gamma.FromShapeRate(x, 1)),
        ["Poisson"] = (false, x => Poisson.FromRate(x * 20)),
    };

    [Theory]
    [MemberData(nameof(Exact))]
    public void RowsAreThoseOfTheWhole(string family)
    {
        foreach (var particles in new[] { false, true })
        {
            var (whole, own) = Drawn(family, particles, new RandomKey(3));
            // A vector of another length may round otherwise.
            Assert.All(whole.Zip(own), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * (1 + Math.Abs(pair.First))));
            Assert.Equal(whole.Length, own.Length);
        }
    }

    [Theory]
    [MemberData(nameof(ByRejection))]
    public void WhatRejectsHasNoiseOfItsOwn(string family)
    {
        var (whole, own) = Drawn(family, particles: false, new RandomKey(3));
        Assert.NotEqual(whole, own);
        Assert.NotEqual(Own(family, rank: 1), Own(family, rank: 2));
        Assert.Equal(Own(family, rank: 1), Own(family, rank: 1));
    }

    private static (double[] Whole, double[] Own) Drawn(string family, bool particles, RandomKey key)
    {
        using var scope = NewDisposeScope();
        var axis = particles ? 1 : 0;
        var whole = Made(family, particles, 0, Whole).SampleUnchecked(key).narrow(axis, First, Count);
        var own = Made(family, particles, First, Count).SampleUnchecked(key with { Rows = new(1, axis, First, Count, Whole) });
        return (Numbers(whole), Numbers(own));
    }

    private static double[] Own(string family, int rank)
    {
        using var scope = NewDisposeScope();
        return Numbers(Made(family, false, 0, Count).SampleUnchecked(new RandomKey(3) with { Rows = new(rank, 0, First, Count, Whole) }));
    }

    private static Distribution Made(string family, bool particles, int first, int count)
    {
        var rows = (arange(Whole) / 10.0f + 0.5f).narrow(0, first, count);
        return Families[family].Make(particles ? rows * tensor(new[] { 1f, 1.2f, 0.8f }).unsqueeze(-1) : rows);
    }

    private static double[] Numbers(Tensor values) => values.to(ScalarType.Float64).contiguous().flatten().data<double>().ToArray();
}
