using MathNet.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>What the count families have in closed form, and where their arguments meet the ends of their ranges.</summary>
public sealed class CountTests
{
    private static readonly RandomKey Key = new(8);

    public static TheoryData<string> Names { get; } = [.. Families.Discrete.Where(row => row.Scalar(row.Example(0)).Support.IsDiscrete).Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Entropy_mode_and_distribution_function_are_those_of_the_masses(string name)
    {
        var family = Families.ByName(name);
        var found = 0;
        for (var example = 0; example < 3; example++)
        {
            var distribution = family.Scalar(family.Example(example));
            var nodes = Quadrature.Over(distribution).Nodes;
            var log = distribution.Score(nodes);
            var mass = log.exp();
            found += Try(() => distribution.Entropy, entropy => Assert.Equal(mass.mul(log.masked_fill(mass.eq(0), 0)).sum().neg().item<double>(), entropy.item<double>(), 1e-9));
            found += Try(() => distribution.Mode, mode => Assert.Equal(mass.max().item<double>(), distribution.Score(mode).exp().item<double>(), 1e-12));
            found += Try(() => distribution.Cdf(nodes), cdf => Assert.True(cdf.sub(mass.cumsum(0)).abs().le(1e-9).all().ToBoolean()));
            found += Try(() => distribution.Cdf(tensor([-1.0, 0.5])), cdf => Assert.Equal([0, distribution.Cdf(tensor(0.0)).item<double>()], cdf.data<double>().ToArray()));
            found += Try(
                () => distribution.InverseCdf(distribution.Cdf(nodes[TensorIndex.Slice(0, 12)]).sub(1e-9)),
                inverse => Assert.Equal(nodes[TensorIndex.Slice(0, 12)].data<double>().ToArray(), inverse.data<double>().ToArray()));
        }

        var expected = name.Split(' ')[0] switch { "Geometric" => 5, "Poisson" or "Binomial" or "NegativeBinomial" => 4, "BetaBinomial" => 1, "ZeroInflated" => 2, _ => name is "Mixture of counts" ? 2 : 0 };
        Assert.Equal(3 * expected, found);

        static int Try(Func<Tensor> quantity, Action<Tensor> check)
        {
            try
            {
                check(quantity());
                return 1;
            }
            catch (NotSupportedException)
            {
                return 0;
            }
        }
    }

    /// <summary>Against the same density in float64, by MathNet's log gamma.</summary>
    [Fact]
    public void Large_counts_keep_single_precision()
    {
        foreach (var k in new[] { 100f, 9_990f, 1_000_500f, 16_000_000f })
        {
            var rate = 1.001f * k;
            var poisson = k * Math.Log(rate) - rate - SpecialFunctions.GammaLn(k + 1);
            Near(poisson, Poisson.FromRate(rate).LogProb(tensor(k)));
            var (n, p) = (2 * k, 0.498046875f);
            var binomial = LogChoose(n, k) + k * Math.Log(p) + (n - k) * Math.Log(1 - (double)p);
            Near(binomial, Binomial.FromProbs(n, p).LogProb(tensor(k)));
            Near(binomial + Math.Log(2), Multinomial.FromProbs(n, new[] { p, 1.0 - p }).LogProb(tensor([k, n - k])) + Math.Log(2));
            var negative = SpecialFunctions.GammaLn(k + k) - SpecialFunctions.GammaLn(k) - SpecialFunctions.GammaLn(k + 1) + k * Math.Log(0.5) * 2;
            Near(negative, NegativeBinomial.FromProbs(k, 0.5).LogProb(tensor(k)));
        }

        static double LogChoose(double n, double k) => SpecialFunctions.GammaLn(n + 1) - SpecialFunctions.GammaLn(k + 1) - SpecialFunctions.GammaLn(n - k + 1);
        static void Near(double expected, Tensor actual) => Assert.Equal(expected, actual.to(ScalarType.Float64).item<double>(), 1e-4 * Math.Abs(expected));
    }

    /// <summary>Mean and variance of 20,000 draws within five standard errors, the variance's taken as √(2/n) of it.</summary>
    [Theory]
    [InlineData(1e4)]
    [InlineData(1e9)]
    public void Large_counts_are_drawn(double size)
    {
        const int n = 20_000;
        foreach (var distribution in new Distribution[]
        {
            Poisson.FromRate(tensor(size)), Binomial.FromProbs(tensor(size), 0.3), NegativeBinomial.FromMean(tensor(50.0), size),
            new BetaBinomial(tensor(size), 30, 40), Geometric.FromProbs(tensor(1 / size)),
        })
        {
            var draws = distribution.Sample(Key, n);
            var (mean, variance) = (distribution.Mean.item<double>(), distribution.Variance.item<double>());
            Assert.True(distribution.Support.ContainsAll(draws));
            Assert.Equal(mean, draws.mean().item<double>(), 5 * Math.Sqrt(variance / n));
            Assert.Equal(variance, draws.var().item<double>(), 5 * variance * Math.Sqrt((distribution is Geometric ? 8.0 : 2.3) / n));
        }
    }

    [Fact]
    public void Rates_past_every_integer_do_not_overflow()
    {
        foreach (var distribution in new Distribution[] { Poisson.FromLogRate(100), Poisson.FromLogRate(60), NegativeBinomial.FromLogits(2, 80), NegativeBinomial.FromLogits(2, 1000) })
        {
            var draws = distribution.Sample(Key, 100);
            Assert.True(distribution.Support.ContainsAll(draws));
            Assert.True(draws.gt(1e15).all().ToBoolean());
        }
    }

    [Fact]
    public void Certain_and_impossible_outcomes_are_scored_without_NaN()
    {
        Check(p => Binomial.FromProbs(4, p), 0, 0, 0, 2);
        Check(p => Binomial.FromProbs(4, p), 1, 4, 0, 2);
        Check(Geometric.FromProbs, 1, 0, 0, 3);
        Check(Poisson.FromRate, 0, 0, 0, 1);
        Check(p => NegativeBinomial.FromProbs(3, p), 0, 0, 0, 1);
        Check(g => ZeroInflated.FromProbs(g, Poisson.FromRate(2)), 1, 0, 0, 2);
        Check(g => ZeroInflated.FromProbs(g, Poisson.FromRate(0)), 0, 0, 0, 1);

        static void Check(Func<TensorLike, Distribution> build, double argument, double certain, double expected, double impossible)
        {
            var input = tensor(argument, requires_grad: true);
            var distribution = build(input);
            Assert.True(distribution.Sample(Key, 1000).eq(certain).all().ToBoolean());
            var score = distribution.LogProb(tensor(certain));
            score.backward();
            Assert.Equal(expected, score.item<double>());
            Assert.True(input.grad!.isfinite().item<bool>(), distribution.Family);
            var never = distribution.LogProb(tensor(impossible));
            Assert.Equal(double.NegativeInfinity, never.item<double>());
            never.backward();
            Assert.False(input.grad!.isnan().item<bool>(), distribution.Family);
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(-100)]
    public void Large_logits_keep_densities_and_gradients_finite(float logit)
    {
        foreach (var build in new Func<Tensor, Distribution>[] { l => Binomial.FromLogits(5, l), l => Geometric.FromLogits(l), l => NegativeBinomial.FromLogits(3, l), l => ZeroInflated.FromLogits(l, Poisson.FromRate(3)), l => RelaxedBernoulli.FromLogits(0.5, l) })
        {
            var logits = tensor(logit, requires_grad: true);
            var distribution = build(logits);
            foreach (var value in distribution.Support.IsDiscrete ? new[] { 0f, 1f, 4f } : [0.25f, 0.75f])
            {
                var score = distribution.LogProb(tensor(value));
                score.backward();
                Assert.True(score.isfinite().item<bool>(), $"{distribution.Family} at {value}");
                Assert.True(logits.grad!.isfinite().item<bool>());
            }
        }
    }

    [Fact]
    public void Counts_of_different_trials_are_held_against_their_own_number()
    {
        var binomial = Binomial.FromProbs(tensor([2L, 5L]), tensor([0.5, 0.5]));
        Assert.Equal(TorchSharp.torch.ScalarType.Float64, binomial.Sample(Key).dtype);
        Assert.True(binomial.Support.ContainsAll(tensor([2.0, 5.0])));
        Assert.Throws<ArgumentException>(() => binomial.LogProb(tensor([3.0, 3.0])));
        Assert.True(binomial.Support.Covers(Binomial.FromProbs(tensor([1L, 5L]), 0.5).Support));
        Assert.False(Binomial.FromProbs(tensor([1L, 5L]), 0.5).Support.Covers(binomial.Support));
        Assert.True(Poisson.FromRate(1).Support.Covers(Geometric.FromProbs(0.5).Support));
    }

    /// <summary>r = 3 and p = 0.6: odds of 1.5, the mean r p/(1 − p) and the variance r p/(1 − p)².</summary>
    [Fact]
    public void A_negative_binomial_tells_the_same_by_each_of_its_arguments()
    {
        var total = tensor(3.0);
        foreach (var counts in new[] { NegativeBinomial.FromProbs(total, 0.6), NegativeBinomial.FromLogits(total, Math.Log(1.5)), NegativeBinomial.FromMean(total, 4.5) })
        {
            double[] told = [counts.Probs.item<double>(), counts.Logits.item<double>(), counts.Mean.item<double>(), counts.Variance.item<double>()];
            Assert.Equal([0.6, Math.Log(1.5), 4.5, 11.25], told, (expected, number) => Math.Abs(expected - number) < 1e-6);
        }

        // Log odds whose odds are no number of the type.
        Assert.Equal(1000, NegativeBinomial.FromLogits(total, 1000).Logits.item<double>());
        Assert.Throws<ArgumentException>(() => NegativeBinomial.FromProbs(3, 1));
    }

    // d/dn log P(n | n, p) = digamma(n + 1) − digamma(1) + log(1 − p), which for n = 4 is 25/12 + log(1 − p).
    [Fact]
    public void The_slope_of_a_binomial_in_its_trials_holds_where_all_of_them_succeed()
    {
        using var total = tensor(4.0, requires_grad: true);
        Binomial.FromProbs(total, 0.75).LogProb(tensor(4.0)).backward();
        Assert.Equal((25.0 / 12) + Math.Log(0.25), total.grad!.item<double>(), 12);
    }
}
