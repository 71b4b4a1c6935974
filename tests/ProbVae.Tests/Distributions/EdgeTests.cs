using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Arguments at the ends of their ranges, in float32.</summary>
public sealed class EdgeTests
{
    private static readonly RandomKey Key = new(99);

    // Among the first million float32 numbers of this key's stream is one of exactly 0.
    private static readonly RandomKey KeyOfZero = new(12);

    [Theory]
    [InlineData(100, 1, 0, 0)]
    [InlineData(100, 0, -100, -1)]
    [InlineData(-100, 1, -100, 1)]
    [InlineData(-100, 0, 0, 0)]
    public void Bernoulli_is_exact_at_large_logits(float logit, float bit, float expected, float slope)
    {
        var logits = tensor(logit, requires_grad: true);
        var score = Bernoulli.FromLogits(logits).LogProb(tensor(bit));
        score.backward();
        Assert.Equal(expected, score.item<float>(), 1e-6f);
        Assert.Equal(slope, logits.grad!.item<float>(), 1e-6f);
    }

    [Theory]
    [InlineData(0, 0, 0, -1)]
    [InlineData(1, 1, 0, 1)]
    [InlineData(0, 1, float.NegativeInfinity, 0)]
    [InlineData(1, 0, float.NegativeInfinity, 0)]
    public void Bernoulli_takes_probabilities_of_exactly_0_and_1(float p, float bit, float expected, float slope)
    {
        var probs = tensor(p, requires_grad: true);
        var bernoulli = Bernoulli.FromProbs(probs);
        var score = bernoulli.LogProb(tensor(bit));
        score.backward();
        Assert.Equal(expected, score.item<float>());
        Assert.Equal(slope, probs.grad!.item<float>());
        Assert.True(bernoulli.Sample(Key, 10_000).eq(p).all().ToBoolean());
    }

    /// <summary>Slopes of the mean p and the variance p (1 − p): 1 and 1 − 2p in p, and p (1 − p) in the logit, which float32 tells from 0 where it rounds p to 1.</summary>
    [Fact]
    public void Moments_of_bits_and_their_slopes_hold_at_both_ends()
    {
        Hold(Bernoulli.FromProbs, bits => bits.Mean, [0, 0.25f, 1], [0, 0.25f, 1], [1, 1, 1]);
        Hold(Bernoulli.FromProbs, bits => bits.Variance, [0, 0.25f, 1], [0, 0.1875f, 0], [1, 0.5f, -1]);
        Hold(Bernoulli.FromProbs, bits => bits.Masses.Zero, [0, 0.25f, 1], [1, 0.75f, 0], [-1, -1, -1]);
        var small = (float)(1 / (1 + Math.Exp(20)));
        Hold(logits => Bernoulli.FromLogits(logits), bits => bits.Mean, [20, -20], [1, small], [small, small]);
        Hold(logits => Bernoulli.FromLogits(logits), bits => bits.Variance, [20, -20], [small, small], [-small, small]);

        static void Hold(Func<TensorLike, Bernoulli> build, Func<Bernoulli, Tensor> quantity, float[] at, float[] expected, float[] slopes)
        {
            var argument = tensor(at, requires_grad: true);
            var result = quantity(build(argument));
            result.sum().backward();
            Assert.All(result.data<float>().ToArray().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6f * Math.Abs(pair.Second)));
            Assert.All(argument.grad!.data<float>().ToArray().Zip(slopes), pair => Assert.Equal(pair.Second, pair.First, 1e-5f * Math.Abs(pair.Second)));
        }
    }

    /// <summary>KL(l ‖ 0) has the slope l p (1 − p), to which both masses' slopes count.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData(-20)]
    public void A_divergence_between_bits_keeps_its_slope_at_a_large_logit(float logit)
    {
        var logits = tensor(logit, requires_grad: true);
        KlRegistry.Standard.Divergence(Bernoulli.FromLogits(logits), Bernoulli.FromLogits(0))!.backward();
        var expected = logit * Math.Exp(-20) / Math.Pow(1 + Math.Exp(-20), 2);
        Assert.Equal(expected, logits.grad!.item<float>(), 1e-4 * Math.Abs(expected));
    }

    [Fact]
    public void Log_odds_and_modes_of_bits_are_the_same_by_either_argument()
    {
        double[] probs = [0, 0.2, 0.5, 0.8, 1];
        double[] odds = [double.NegativeInfinity, -Math.Log(4), 0, Math.Log(4), double.PositiveInfinity];
        Assert.Equal(odds, Bernoulli.FromProbs(tensor(probs)).Logits.data<double>().ToArray(), (a, b) => a == b || Math.Abs(a - b) < 1e-12);
        Assert.Equal([0.0, 0, 0, 1, 1], Bernoulli.FromProbs(tensor(probs)).Mode.data<double>().ToArray());
        Assert.Equal([0.0, 0, 1], Bernoulli.FromLogits(tensor([-0.25, 0, 0.25])).Mode.data<double>().ToArray());
    }

    [Fact]
    public void A_soft_bit_scores_the_mean_of_the_bits()
    {
        var (soft, hard) = (Bernoulli.FromLogits(0.75, soft: true), Bernoulli.FromLogits(0.75));
        var mean = 0.3 * hard.LogProb(tensor(1f)).item<float>() + 0.7 * hard.LogProb(tensor(0f)).item<float>();
        Assert.Equal(mean, soft.LogProb(tensor(0.3f)).item<float>(), 1e-6);
    }

    [Fact]
    public void A_uniform_number_of_exactly_0_makes_no_draw_impossible()
    {
        const int n = 1_000_000;
        using var generator = KeyOfZero.NewGenerator();
        Assert.Equal(0, rand(n, generator: generator).min().item<float>());

        Assert.True(Support.Positive.ContainsAll(new Exponential(1).Sample(KeyOfZero, n)));
        Assert.True(new Exponential(1).Sample(KeyOfZero, n).le(17).all().ToBoolean());
        Assert.True(Support.Real.ContainsAll(new Laplace(0, 1).Sample(KeyOfZero, n)));
        Assert.True(new Beta(0.5, 0.5).LogProb(new Beta(0.5, 0.5).Sample(KeyOfZero, n)).isfinite().all().ToBoolean());
        Assert.True(Bernoulli.FromProbs(0).Sample(KeyOfZero, n).eq(0).all().ToBoolean());
        Assert.True(Categorical.FromProbs(new[] { 0.0, 1 }).Sample(KeyOfZero, n).eq(1).all().ToBoolean());
    }

    [Fact]
    public void A_sum_of_probabilities_just_short_of_1_leaves_no_draw_past_the_last_category()
    {
        var categorical = Categorical.FromProbs(new[] { 0.5, 0.499992 });
        Assert.True(categorical.Support.ContainsAll(categorical.Sample(Key, 1_000_000)));
    }

    [Fact]
    public void A_category_of_probability_0_is_never_drawn_and_has_a_gradient()
    {
        var probs = tensor([0f, 0.5f, 0f, 0.5f, 0f], requires_grad: true);
        var categorical = Categorical.FromProbs(probs);
        Assert.Equal([1L, 3L], categorical.Sample(Key, 100_000).data<long>().ToArray().Distinct().Order());
        Assert.Equal(double.NegativeInfinity, categorical.LogProb(tensor(0L)).item<float>());
        categorical.LogProb(tensor(1L)).backward();
        Assert.Equal([0f, 2f, 0f, 0f, 0f], probs.grad!.data<float>().ToArray());
    }

    [Fact]
    public void A_logit_of_minus_infinity_is_a_probability_of_0()
    {
        var logits = tensor([0f, float.NegativeInfinity, 0f], requires_grad: true);
        var categorical = Categorical.FromLogits(logits);
        Assert.True(categorical.Sample(Key, 10_000).ne(1).all().ToBoolean());
        categorical.LogProb(tensor(2L)).backward();
        Assert.Equal([-0.5f, 0f, 0.5f], logits.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Gamma_of_a_small_shape_stays_above_0()
    {
        var shape = tensor(0.01f, requires_grad: true);
        var draws = Gamma.FromShapeRate(shape, 1e10).Sample(Key, 20_000);
        Assert.True(draws.gt(0).all().ToBoolean());
        draws.sum().backward();
        Assert.True(shape.grad!.isfinite().item<bool>());
    }

    /// <summary>P(x &gt; ½) = ½ by symmetry; within five standard errors at n = 20,000, a false alarm in 1.7 million.</summary>
    [Fact]
    public void Beta_of_small_shapes_falls_to_either_side()
    {
        const int n = 20_000;
        var shape = tensor(0.005f, requires_grad: true);
        var draws = new Beta(shape, 0.005).Sample(Key, n);
        Assert.True(Support.OpenUnitInterval.ContainsAll(draws));
        Assert.Equal(0.5, draws.gt(0.5).to(ScalarType.Float32).mean().item<float>(), 5 * 0.5 / Math.Sqrt(n));
        Assert.True(draws.gt(0.4).logical_and(draws.lt(0.6)).to(ScalarType.Float32).mean().item<float>() < 0.01);
        draws.sum().backward();
        Assert.True(shape.grad!.isfinite().item<bool>());
    }

    [Theory]
    [InlineData(-200)]
    [InlineData(200)]
    public void LogNormal_keeps_to_the_numbers_of_its_type(double loc)
    {
        Assert.True(Support.Positive.ContainsAll(new LogNormal(loc, 1).Sample(Key, 100)));
    }

    [Fact]
    public void Delta_scores_minus_infinity_off_its_point()
    {
        Assert.Equal([0f, float.NegativeInfinity], new Delta(2).Score(tensor([2f, 3f])).data<float>().ToArray());
    }

    [Fact]
    public void Gradients_flow_through_a_delta()
    {
        var point = tensor([1f, 2f], requires_grad: true);
        new Delta(point).Sample(Key, 3).sum().backward();
        Assert.Equal([3f, 3f], point.grad!.data<float>().ToArray());
    }
}
