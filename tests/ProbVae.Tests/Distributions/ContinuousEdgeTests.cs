using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Continuous univariate families where their closed forms would overflow or cancel.</summary>
public sealed class ContinuousEdgeTests
{
    private static readonly RandomKey Key = new(31);

    /// <summary>Bounds far in a tail, close together, at the mean, on either side of it, and none.</summary>
    public static TheoryData<double, double> Truncations { get; } = new()
    {
        { 8, 9 }, { double.NegativeInfinity, -30 }, { 100, double.PositiveInfinity }, { -0.001, 0.001 }, { 5, 5.0001 }, { -20, 40 }, { 0, 1 }, { -3, 0 },
        { 1000, 1001 }, { -1e-9, double.PositiveInfinity }, { -1, 25 }, { 2, 2.05 }, { 37.5, 60 }, { double.NegativeInfinity, double.PositiveInfinity },
    };

    [Theory]
    [MemberData(nameof(Truncations))]
    public void A_truncated_normal_is_exact_in_the_tails(double low, double high)
    {
        const double loc = 0.3, scale = 0.7;
        var distribution = Truncated(loc, scale, loc + scale * low, loc + scale * high);
        var (nodes, weights) = Nodes(low, high);
        var x = nodes.mul(scale).add(distribution.Mode);
        var mass = distribution.Score(x).exp().mul(weights).mul(scale);
        Assert.Equal(1, mass.sum().item<double>(), 1e-9);

        var mean = distribution.Mean.item<double>();
        var distance = x.sub(distribution.Mode);
        var expected = distance.mul(mass).sum().item<double>();
        // Relative to the distance from the mode, which is what the tail is about, to the rounding of the mean itself.
        Assert.Equal(expected, mean - distribution.Mode.item<double>(), 1e-9 * Math.Abs(expected) + 1e-13 * Math.Abs(mean));
        var variance = distance.sub(expected).square().mul(mass).sum().item<double>();
        Assert.Equal(variance, distribution.Variance.item<double>(), 1e-8 * variance);
        Assert.Equal(distribution.Score(x).neg().mul(mass).sum().item<double>(), distribution.Entropy.item<double>(), 1e-8);
    }

    [Theory]
    [MemberData(nameof(Truncations))]
    public void A_truncated_normal_is_drawn_in_the_tails(double low, double high)
    {
        const int n = 20_000;
        var distribution = Truncated(0, 1, low, high);
        var draws = distribution.Sample(Key, n).sort().Values;
        Assert.True(distribution.Support.ContainsAll(draws));
        var cdf = distribution.Cdf(draws).data<double>().ToArray();
        var distance = cdf.Select((p, i) => Math.Max(p - (double)i / n, (i + 1.0) / n - p)).Max();
        // Kolmogorov's D √n: a false alarm in a million.
        Assert.True(distance * Math.Sqrt(n) < 2.69, $"D √n = {distance * Math.Sqrt(n)}");
        double[] probabilities = [1e-9, 0.001, 0.3, 0.5, 0.7, 0.999];
        var again = distribution.Cdf(distribution.InverseCdf(tensor(probabilities))).data<double>().ToArray();
        // A number next to 1000 standard deviations is known to 1e-13 of one, and there the density falls a thousandfold faster.
        var tolerance = 1e-8 + 1e-15 * Math.Pow(Math.Min(Math.Abs(low), Math.Abs(high)), 2);
        tolerance += double.IsFinite(high - low) ? 1e-14 * Math.Max(1, Math.Abs(low)) / (high - low) : 0;
        Assert.All(again.Zip(probabilities), pair => Assert.Equal(pair.Second, pair.First, tolerance));

        var single = Truncated(0, 1, low, high, ScalarType.Float32);
        Assert.True(single.Support.ContainsAll(single.Sample(Key, n)));
        Assert.True(single.LogProb(single.Sample(Key, n)).isfinite().all().ToBoolean());
    }

    /// <summary>Against differences of the draw itself, which inversion makes a smooth function of the arguments.</summary>
    [Theory]
    [InlineData(-1.0, 2.0)]
    [InlineData(3.0, 8.0)]
    [InlineData(-9.0, -6.0)]
    [InlineData(20.0, double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity, 0.5)]
    [InlineData(0.25, 0.2501)]
    public void A_truncated_draw_moves_with_its_arguments(double low, double high)
    {
        Tensor[] inputs = [tensor(0.0), tensor(1.0), tensor(low), tensor(high)];
        Tensor[] leaves = [.. inputs.Select(input => input.clone().requires_grad_(true))];
        for (var seed = 0; seed < 5; seed++)
        {
            var key = Key.Fold(seed);
            foreach (var leaf in leaves)
            {
                leaf.grad?.zero_();
            }

            Draw(leaves, key).backward();
            for (var i = 0; i < inputs.Length; i++)
            {
                if (double.IsInfinity(inputs[i].item<double>()))
                {
                    Assert.Equal(0, leaves[i].grad?.item<double>() ?? 0);
                    continue;
                }

                var numeric = FiniteDifferences.Gradient(inputs, i, from => Draw(from, key).item<double>())[0];
                Assert.Equal(numeric, leaves[i].grad!.item<double>(), 1e-6 * Math.Max(1, Math.Abs(numeric)));
            }
        }

        static Tensor Draw(Tensor[] from, RandomKey key) => new TruncatedNormal(from[0], from[1], from[2], from[3]).Sample(key);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_truncated_draw_moves_with_one_argument_alone(int moving)
    {
        Tensor[] inputs = [tensor(0.5), tensor(1.5), tensor(-1.0), tensor(2.0)];
        Tensor[] leaves = [.. inputs];
        leaves[moving] = inputs[moving].clone().requires_grad_(true);
        Draw(leaves).backward();
        var numeric = FiniteDifferences.Gradient(inputs, moving, from => Draw(from).item<double>())[0];
        Assert.Equal(numeric, leaves[moving].grad!.item<double>(), 1e-6);

        static Tensor Draw(Tensor[] from) => new TruncatedNormal(from[0], from[1], from[2], from[3]).Sample(Key);
    }

    [Fact]
    public void A_truncated_normal_inside_another_has_their_integral()
    {
        foreach (var (low, high) in new[] { (-1.0, 0.5), (0.5, 2.0), (-2.0, -1.5) })
        {
            var (q, p) = (Truncated(0.2, 0.8, low, high), Truncated(-1, 1.5, -2, 2.5));
            var integral = Quadrature.Over(q).Expect(q, x => q.Score(x).sub(p.Score(x)));
            Assert.Equal(integral, KlRegistry.Standard.Divergence(q, p)!.item<double>(), 1e-9);
            Assert.Equal(double.PositiveInfinity, KlRegistry.Standard.Divergence(p, q)!.item<double>());
        }
    }

    [Fact]
    public void Bounds_out_of_order_are_refused_and_infinite_ones_taken()
    {
        Assert.Equal("TruncatedNormal: low must be less than high; received low 1 and high 0.", Assert.Throws<ArgumentException>(() => new TruncatedNormal(0, 1, 1, 0)).Message);
        Assert.Throws<ArgumentException>(() => new TruncatedNormal(0, 1, double.PositiveInfinity, double.PositiveInfinity));
        var batch = new TruncatedNormal(0, 1, new[] { 0.0, -1 }, new[] { double.PositiveInfinity, double.PositiveInfinity });
        Assert.Contains("received Infinity at (1) of shape (2)", Assert.Throws<ArgumentException>(() => batch.LogProb(tensor([1f, float.PositiveInfinity]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e-4, ScalarType.Float32)]
    [InlineData(1e-4, ScalarType.Float64)]
    [InlineData(1.0, ScalarType.Float64)]
    [InlineData(49.9, ScalarType.Float64)]
    [InlineData(50.1, ScalarType.Float64)]
    [InlineData(1e4, ScalarType.Float32)]
    [InlineData(1e4, ScalarType.Float64)]
    [InlineData(1e8, ScalarType.Float64)]
    public void VonMises_is_exact_at_small_and_large_concentrations(double concentration, ScalarType dtype)
    {
        var (tolerance, kappa) = (dtype == ScalarType.Float32 ? 1e-5 : 1e-11, tensor(concentration, dtype).requires_grad_());
        var distribution = new VonMises(0, kappa);
        // The trapezoid rule is exact for a periodic function; its nodes reach as far as the density does.
        var reach = Math.Min(Math.PI, 14 / Math.Sqrt(concentration));
        const int points = 40_000;
        var angles = linspace(-reach, reach, points + 1, dtype: ScalarType.Float64)[TensorIndex.Slice(0, points)];
        var exact = new VonMises(0, tensor(concentration));
        var mass = exact.Score(angles).exp().mul(2 * reach / points);
        Assert.Equal(1, mass.sum().item<double>(), 1e-11);
        var defect = angles.mul(0.5).sin().square().mul(2);
        var variance = mass.mul(defect).sum().item<double>();
        Assert.Equal(variance, distribution.Variance.to(ScalarType.Float64).item<double>(), tolerance * variance);
        var entropy = mass.mul(exact.Score(angles)).sum().neg().item<double>();
        Assert.Equal(entropy, distribution.Entropy.to(ScalarType.Float64).item<double>(), tolerance * Math.Max(1, Math.Abs(entropy)));

        // d log p / dκ = E (1 − cos) − (1 − cos x), both of the size of 1/κ.
        distribution.LogProb(tensor(0.0, dtype)).backward();
        Assert.Equal(variance, kappa.grad!.to(ScalarType.Float64).item<double>(), tolerance * variance);
    }

    /// <summary>Five standard errors at n = 40,000: a false alarm in 1.7 million.</summary>
    [Theory]
    [InlineData(1e-4)]
    [InlineData(0.05)]
    [InlineData(1.0)]
    [InlineData(30.0)]
    [InlineData(1e4)]
    [InlineData(1e12)]
    public void VonMises_draws_and_their_slopes_are_right_at_every_concentration(double concentration)
    {
        const int n = 40_000;
        var kappas = full([n], concentration, ScalarType.Float64, requires_grad: true);
        var draws = new VonMises(0, kappas).Sample(Key);
        var exact = new VonMises(0, tensor(concentration, requires_grad: true));
        exact.Variance.backward();
        var defects = draws.mul(0.5).sin().square().mul(2);
        Within(defects.detach(), exact.Variance.item<double>());
        defects.sum().backward();
        Within(kappas.grad!, exact.Concentration.grad!.item<double>());

        static void Within(Tensor terms, double expected)
        {
            var error = 5 * Math.Sqrt(terms.var().item<double>() / n);
            Assert.Equal(expected, terms.mean().item<double>(), error);
        }
    }

    [Fact]
    public void VonMises_draws_follow_a_location_around_the_circle()
    {
        var loc = tensor(3.1f, requires_grad: true);
        var draws = new VonMises(loc, 4).Sample(Key, 1000);
        Assert.True(Support.Circular.ContainsAll(draws));
        Assert.True(draws.lt(-2).any().ToBoolean() && draws.gt(2).any().ToBoolean());
        draws.sum().backward();
        Assert.Equal(1000, loc.grad!.item<float>());
        Assert.True(new VonMises(0, tensor(double.NaN)).SampleUnchecked(Key, 3).isnan().all().ToBoolean());
    }

    [Fact]
    public void StudentT_with_1_degree_is_a_Cauchy_and_with_many_a_normal()
    {
        var x = linspace(-20.0, 20.0, 41, dtype: ScalarType.Float64);
        Close(new Cauchy(1, tensor(2.0)).LogProb(x), new StudentT(1, 1, tensor(2.0)).LogProb(x), 1e-12);
        Close(new Normal(0, tensor(1.0)).LogProb(x.div(5)), new StudentT(1e8, 0, tensor(1.0)).LogProb(x.div(5)), 1e-6);
        Close(new Normal(0, tensor(1f)).LogProb(x.div(5).to(ScalarType.Float32)), new StudentT(1e8, 0, tensor(1f)).LogProb(x.div(5).to(ScalarType.Float32)), 1e-5);
        Assert.Equal(new Normal(0, tensor(1f)).Entropy.item<float>(), new StudentT(1e7, 0, tensor(1f)).Entropy.item<float>(), 1e-5f);
        // On either side of where the series begins.
        Close(new StudentT(tensor(59.99999999), 0, 1).LogProb(x), new StudentT(tensor(60.00000001), 0, 1).LogProb(x), 2e-8);
        Assert.Equal(new StudentT(tensor(59.99999999), 0, 1).Entropy.item<double>(), new StudentT(tensor(60.00000001), 0, 1).Entropy.item<double>(), 1e-9);
    }

    [Fact]
    public void Moments_that_do_not_exist_are_NaN_and_those_that_diverge_infinite()
    {
        var t = new StudentT(new[] { 0.5, 1, 1.5, 2, 3 }, 0.25f, 1);
        Assert.Equal([float.NaN, float.NaN, 0.25f, 0.25f, 0.25f], t.Mean.data<float>().ToArray());
        Assert.Equal([float.NaN, float.NaN, float.PositiveInfinity, float.PositiveInfinity, 3], t.Variance.data<float>().ToArray());
        Assert.True(new Cauchy(0, 1).Mean.isnan().item<bool>() && new Cauchy(0, 1).Variance.isnan().item<bool>());
        Assert.True(new HalfCauchy(1).Mean.isinf().item<bool>() && new HalfCauchy(1).Variance.isnan().item<bool>());
        var (inverse, pareto) = (InverseGamma.FromShapeScale(new[] { 0.5, 1, 1.5, 2, 3 }, 1), new Pareto(1, new[] { 0.5, 1, 1.5, 2, 3 }));
        Assert.Equal([float.PositiveInfinity, float.PositiveInfinity, 2, 1, 0.5f], inverse.Mean.data<float>().ToArray());
        Assert.Equal([float.PositiveInfinity, float.PositiveInfinity, float.PositiveInfinity, float.PositiveInfinity, 0.25f], inverse.Variance.data<float>().ToArray());
        Assert.Equal([float.PositiveInfinity, float.PositiveInfinity, 3, 2, 1.5f], pareto.Mean.data<float>().ToArray());
        Assert.Equal([float.PositiveInfinity, float.PositiveInfinity, float.PositiveInfinity, float.PositiveInfinity, 0.75f], pareto.Variance.data<float>().ToArray());
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1e-6)]
    [InlineData(-1e-4)]
    [InlineData(0.029)]
    [InlineData(0.031)]
    [InlineData(-0.49)]
    [InlineData(0.51)]
    [InlineData(80.0)]
    [InlineData(-1000.0)]
    public void ContinuousBernoulli_is_exact_near_one_half_and_far_from_it(double logit)
    {
        var exact = ContinuousBernoulli.FromLogits(tensor(logit));
        // x near the end where the density is.
        var t = Math.Abs(logit) < 40 ? linspace(0.0, 1.0, 20_001, dtype: ScalarType.Float64) : linspace(0.0, 40 / Math.Abs(logit), 20_001, dtype: ScalarType.Float64);
        var x = logit > 0 ? 1 - t : t;
        var weights = ones_like(t).mul((t[1].item<double>() - t[0].item<double>()) / 3);
        weights[TensorIndex.Slice(1, 20_000, 2)] *= 4;
        weights[TensorIndex.Slice(2, 20_000, 2)] *= 2;
        var mass = exact.Score(x).exp().mul(weights);
        Assert.Equal(1, mass.sum().item<double>(), 1e-10);
        var mean = mass.mul(x).sum().item<double>();
        Assert.Equal(mean, exact.Mean.item<double>(), 1e-10);
        var variance = mass.mul(x.sub(mean).square()).sum().item<double>();
        Assert.Equal(variance, exact.Variance.item<double>(), 1e-9 * variance);

        var logits = tensor((float)logit, requires_grad: true);
        var single = ContinuousBernoulli.FromLogits(logits);
        single.LogProb(tensor(0.25f)).backward();
        Assert.Equal(0.25 - mean, logits.grad!.item<float>(), 1e-5);
        Assert.Equal(variance, single.Variance.item<float>(), 1e-5 * variance);
        logits.grad!.zero_();
        // dx/dl at the median, by differences in float64.
        var slope = (Median(logit + 1e-5) - Median(logit - 1e-5)) / 2e-5;
        single.InverseCdf(tensor(0.5f)).backward();
        Assert.Equal(slope, logits.grad!.item<float>(), 2e-5 * Math.Max(1, Math.Abs(slope)));

        static double Median(double at) => ContinuousBernoulli.FromLogits(tensor(at)).InverseCdf(tensor(0.5)).item<double>();
    }

    [Fact]
    public void ContinuousBernoulli_near_one_half_is_the_same_by_probs()
    {
        var probs = tensor([0.5f, 0.499999f, 0.500001f], requires_grad: true);
        var score = ContinuousBernoulli.FromProbs(probs).LogProb(tensor(0.75f).expand(3));
        score.sum().backward();
        Assert.True(score.abs().le(2e-6).all().ToBoolean());
        // 4 (x − ½) at p = ½
        Assert.True(probs.grad!.sub(1).abs().le(1e-5).all().ToBoolean());
    }

    [Fact]
    public void Draws_at_the_ends_of_the_ranges_stay_numbers_with_gradients()
    {
        Check(a => new StudentT(a, 0, 1), 0.01f, Support.Real);
        Check(a => InverseGamma.FromShapeScale(a, 1), 0.01f, Support.Positive);
        Check(a => new Chi2(a), 0.01f, Support.Positive);
        Check(a => new Pareto(1, a), 0.001f, Support.Positive);
        Check(a => new Weibull(1, a), 0.01f, Support.Positive);
        Check(a => new Weibull(1, a), 1000, Support.Positive);
        Check(a => new Kumaraswamy(a, 0.01), 0.01f, Support.OpenUnitInterval);
        Check(a => new Kumaraswamy(a, 1000), 100, Support.OpenUnitInterval);
        Check(a => new Cauchy(0, a), 1, Support.Real);
        Check(a => new Gumbel(0, a), 1, Support.Real);
        Check(a => new Logistic(0, a), 1, Support.Real);
        Check(a => ContinuousBernoulli.FromLogits(a), 1000, Support.UnitInterval);

        static void Check(Func<Tensor, Distribution> build, float value, Support support)
        {
            var argument = tensor(value, requires_grad: true);
            var draws = build(argument).Sample(new RandomKey(12), 1_000_000);
            Assert.True(support.ContainsAll(draws), build(argument).ToString());
            Assert.True(build(argument).LogProb(draws).isfinite().all().ToBoolean(), build(argument).ToString());
            draws.mul(1e-12).clamp(-1e12, 1e12).sum().backward();
            Assert.False(argument.grad!.isnan().item<bool>(), build(argument).ToString());
        }
    }

    [Fact]
    public void Tails_of_distribution_functions_keep_their_digits()
    {
        var far = tensor([-30.0]);
        Assert.Equal(4.906714e-198, new Normal(0, tensor(1.0)).Cdf(far).item<double>(), 1e-203);
        Assert.Equal(0.5 * Math.Exp(-30), new Laplace(0, tensor(1.0)).Cdf(far).item<double>(), 1e-26);
        Assert.Equal(1 / (1 + Math.Exp(30)), new Logistic(0, tensor(1.0)).Cdf(far).item<double>(), 1e-26);
        Assert.Equal(1 / (Math.PI * 1e12), new Cauchy(0, tensor(1.0)).Cdf(tensor(-1e12)).item<double>(), 1e-24);
        Assert.Equal(-1e-9, new Laplace(0, tensor(1.0)).InverseCdf(tensor(0.5 * Math.Exp(-1e-9))).item<double>(), 1e-15);
        Assert.Equal(1e-20, new Weibull(1, tensor(1.0)).Cdf(tensor(1e-20)).item<double>(), 1e-32);
    }

    [Fact]
    public void Entropy_of_certain_bits_and_categories_is_0()
    {
        Assert.Equal([0f, 0f], Bernoulli.FromProbs(new[] { 0.0, 1 }).Entropy.data<float>().ToArray());
        Assert.Equal(0f, Bernoulli.FromLogits(-200).Entropy.item<float>());
        Assert.Equal(Math.Log(2), Categorical.FromProbs(new[] { 0.5, 0, 0.5 }).Entropy.item<float>(), 1e-6);
        Assert.Equal(2, Categorical.FromProbs(new[] { 0.2, 0.2, 0.6 }).Mode.item<long>());
        Assert.Throws<NotSupportedException>(() => Bernoulli.FromLogits(0, soft: true).Entropy);
    }

    private static TruncatedNormal Truncated(double loc, double scale, double low, double high, ScalarType dtype = ScalarType.Float64) =>
        new(tensor(loc, dtype), tensor(scale, dtype), tensor(low, dtype), tensor(high, dtype));

    // Distances from the mode in standard deviations, and the weights of a rule that is far finer than the library's own.
    private static (Tensor Nodes, Tensor Weights) Nodes(double low, double high)
    {
        var mode = Math.Clamp(0, low, high);
        var reach = 90 / (Math.Abs(mode) + Math.Sqrt(mode * mode + 90));
        var (from, to) = (Math.Max(low - mode, -reach), Math.Min(high - mode, reach));
        const int count = 200_000;
        var nodes = linspace(from, to, count + 1, dtype: ScalarType.Float64);
        var weights = ones_like(nodes).mul((to - from) / count / 3);
        weights[TensorIndex.Slice(1, count, 2)] *= 4;
        weights[TensorIndex.Slice(2, count, 2)] *= 2;
        return (nodes, weights);
    }

    private static void Close(Tensor expected, Tensor actual, double tolerance) =>
        Assert.True(expected.sub(actual).abs().le(tolerance).all().ToBoolean(), $"off by {expected.sub(actual).abs().max().ToDouble()}");
}
