using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Distributions made of others.</summary>
public sealed class WrapperTests
{
    private static readonly RandomKey Key = new(5);
    private static readonly KlRegistry Registry = KlRegistry.Standard;

    [Fact]
    public void Masked_events_count_for_nothing_whatever_their_values_are()
    {
        var (loc, mask) = (tensor([0.0, 1, 2], requires_grad: true), tensor([true, false, true]));
        var normal = new Normal(loc, 1);
        var masked = normal.Mask(mask);
        var score = masked.LogProb(tensor([0.5, double.NaN, 1]));
        score.sum().backward();
        Assert.Equal([normal.LogProb(tensor([0.5, 0, 0]))[0].item<double>(), 0, normal.LogProb(tensor([0.0, 0, 1]))[2].item<double>()], score.data<double>().ToArray());
        Assert.Equal([0.5, 0, -1], loc.grad!.data<double>().ToArray());
        Assert.True(masked.IsReparameterized);
        Assert.False(Poisson.FromRate(1).Mask(mask).IsReparameterized);
        Assert.True(masked.Sample(Key, 4).Equals(normal.Sample(Key, 4)));
        var error = Assert.Throws<ArgumentException>(() => masked.LogProb(tensor([0.5, 0, double.NaN])));
        Assert.Contains("received NaN at (2) of shape (3)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_broadcasts_over_batch_and_event()
    {
        var masked = new Normal(zeros(3), 1).ToEvent().Mask(tensor([true, false]));
        Assert.Equal((new Shape([2]), new Shape([3])), (masked.BatchShape, masked.EventShape));
        var value = masked.Sample(Key, 5);
        Assert.Equal(new Shape([5, 2, 3]), new Shape(value.shape));
        var plain = new Normal(zeros(3), 1).ToEvent().LogProb(value);
        Assert.True(masked.LogProb(value).Equals(plain.mul(tensor([1f, 0f]))));
        Assert.True(masked.ToEvent().LogProb(value).sub(plain.select(1, 0)).abs().le(1e-6).all().ToBoolean());
        Assert.True(masked.Expand([4, 2]).LogProb(value[0].expand(4, 2, 3)).Equals(plain[0].mul(tensor([1f, 0f])).expand(4, 2)));
        Assert.Throws<ArgumentException>(() => new Normal(zeros(3), 1).Mask(tensor([true, false])));
        var wide = new Normal(zeros(2, 1), 1).Mask(tensor([true, false]).reshape(2, 1)).Expand([2, 3]);
        Assert.Equal(new Shape([2, 3]), new Shape(wide.LogProb(wide.Sample(Key)).shape));
    }

    [Fact]
    public void Divergences_go_through_the_same_mask()
    {
        var mask = tensor([true, false, true]);
        var (q, p) = (new Normal(tensor([0.0, 1, 2]), 1), new Normal(tensor([0.5, 5, 2]), 2));
        var expected = Registry.Divergence(q, p)!.mul(tensor([1.0, 0, 1]));
        Assert.True(Registry.Divergence(q.Mask(mask), p.Mask(mask))!.Equals(expected));
        Assert.True(Registry.Divergence(q.Mask(mask).ToEvent(), p.Mask(tensor([true, false, true])).ToEvent())!.sub(expected.sum()).abs().le(1e-12).item<bool>());
        Assert.True(Registry.Has(q.Mask(mask), p.Mask(mask)));
        Assert.False(Registry.Has(q.Mask(mask), p.Mask(tensor([true, true, true]))));
        Assert.False(Registry.Has(q.Mask(mask), p));
        Assert.Null(Registry.Divergence(q.Mask(mask), Poisson.FromRate(tensor(1.0)).Mask(mask)));
        var batches = Registry.Divergence(q.ToEvent().Expand([2]).Mask(tensor([true, false])), p.ToEvent().Mask(tensor([true, false])))!;
        Assert.True(batches.sub(tensor([Registry.Divergence(q, p)!.sum().item<double>(), 0])).abs().le(1e-12).all().ToBoolean());
    }

    /// <summary>A number counts where no mask, outer or inner, leaves it out.</summary>
    [Fact]
    public void Masks_inside_masks_are_told_apart()
    {
        var (outer, inner) = (tensor([true, true, false]), tensor([true, false, true]));
        var normal = new Normal(zeros(3), 1);
        var (nested, plain) = (Of(normal.Mask(inner).Mask(outer)), Of(normal.Mask(outer)));
        Assert.False(nested.HasMaskOf(plain));
        Assert.False(plain.HasMaskOf(nested));
        Assert.True(nested.HasMaskOf(Of(normal.Mask(outer).Mask(inner))));
        Assert.True(nested.HasMaskOf(Of(normal.Mask(tensor([true, false, false])))));
        Assert.False(nested.HasMaskOf(Of(normal.Mask(tensor([true, true, true])).Mask(outer))));
        // Masks of batches that do not go together.
        Assert.False(plain.HasMaskOf(Of(new Normal(zeros(2), 1).Mask(tensor([true, true])))));
        Assert.Throws<ArgumentNullException>("mask", () => normal.Mask(null!));
        // What is wrong with a masked distribution's arguments together is said as without a mask.
        var error = Assert.Throws<ArgumentException>(() => new Uniform(tensor([0.0, 2, 0]), 1).Mask(outer).Sample(Key));
        Assert.StartsWith("Uniform: low must be less than high", error.Message, StringComparison.Ordinal);

        static Masked Of(Distribution distribution) => Assert.IsType<Masked>(distribution);
    }

    [Fact]
    public void A_masked_entropy_is_nought_where_the_mask_is_false()
    {
        var binomial = Binomial.FromProbs(tensor([3.0, 4]), 0.5);
        Assert.True(binomial.Mask(tensor([false, true])).Entropy.Equals(binomial.Entropy.mul(tensor([0.0, 1]))));
        Assert.True(binomial.Mask(tensor([false, true])).Mode.Equals(binomial.Mode));
    }

    [Fact]
    public void Zero_inflation_takes_counts_alone()
    {
        Assert.Throws<ArgumentException>(() => ZeroInflated.FromProbs(0.5, new Normal(0, 1)));
        Assert.Throws<ArgumentException>(() => ZeroInflated.FromProbs(0.5, Poisson.FromRate(ones(3)).ToEvent()));
        var inflated = ZeroInflated.FromProbs(tensor([0.2, 0.5]), Poisson.FromRate(tensor(3.0))).ToEvent();
        Assert.Equal((Shape.Scalar, new Shape([2])), (inflated.BatchShape, inflated.EventShape));
        var expected = Math.Log(0.2 + 0.8 * Math.Exp(-3)) + Math.Log(0.5 * 3 * Math.Exp(-3));
        Assert.Equal(expected, inflated.LogProb(tensor([0.0, 1])).item<double>(), 1e-12);
        var error = Assert.Throws<ArgumentException>(() => ZeroInflated.FromProbs(tensor(1.5), Poisson.FromRate(1)).Sample(Key));
        Assert.StartsWith("ZeroInflated Poisson: gate must be", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_improper_density_is_0_everywhere_and_cannot_be_sampled()
    {
        foreach (var (support, shape) in new (Support, Shape)[] { (Support.Real, []), (Support.Positive, [2]), (Support.Simplex, [3]), (new Interval(2, 5), []), (Support.OrderedVector, [4]), (Support.NonNegativeIntegers, []), (new IntegerRange(3, 4), []), (Support.LowerCholesky, [3, 3]) })
        {
            var improper = new ImproperUniform(support, shape).Expand([2]);
            var start = improper.SampleUnchecked(Key, 5);
            Assert.Equal(new Shape([5, 2]) + shape, new Shape(start.shape));
            Assert.True(support.ContainsAll(start), support.ToString());
            Assert.True(improper.LogProb(start).Equals(zeros(5, 2)));
            Assert.Equal(new Shape([5]), new Shape(improper.ToEvent().LogProb(start).shape));
            var error = Assert.Throws<NotSupportedException>(() => improper.Sample(Key));
            Assert.Contains("cannot be sampled", error.Message, StringComparison.Ordinal);
            Assert.True(improper.Mean.isnan().all().ToBoolean());
            Assert.Throws<ArgumentException>(() => improper.LogProb(start.mul(double.NaN)));
        }

        Assert.StartsWith("ImproperUniform: event shape () has too few axes", Assert.Throws<ArgumentException>(() => new ImproperUniform(Support.Simplex)).Message, StringComparison.Ordinal);
        Assert.StartsWith("ImproperUniform: no point of shape () is known", Assert.Throws<ArgumentException>(() => new ImproperUniform(new Point(tensor(2f)))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>("support", () => new ImproperUniform(null!));
    }

    [Fact]
    public void An_improper_density_has_the_type_of_a_real_value_and_its_own_for_a_count()
    {
        var improper = new ImproperUniform(Support.NonNegativeIntegers);
        Assert.Equal(ScalarType.Float64, improper.LogProb(tensor(2.0)).dtype);
        Assert.Equal(ScalarType.Float32, improper.LogProb(tensor(2L)).dtype);
    }

    [Fact]
    public void A_mixture_is_scored_only_where_a_component_lies()
    {
        var mixture = new MixtureSameFamily(Categorical.FromProbs(tensor([0.25, 0.75])), new Uniform(tensor([0.0, 2]), tensor([1.0, 4])));
        Assert.Equal([Math.Log(0.25), Math.Log(0.375)], mixture.LogProb(tensor([0.5, 3])).data<double>().ToArray().Select(x => Math.Round(x, 14)), (a, b) => Math.Abs(a - b) < 1e-12);
        var error = Assert.Throws<ArgumentException>(() => mixture.LogProb(tensor([0.5, 1.5])));
        Assert.Contains("received 1.5 at (1) of shape (2)", error.Message, StringComparison.Ordinal);
        var draws = mixture.Sample(Key, 20_000);
        Assert.True(mixture.Support.ContainsAll(draws));
        Assert.Equal(0.75, draws.gt(1.5).to(ScalarType.Float64).mean().item<double>(), 5 * Math.Sqrt(0.25 * 0.75 / 20_000));

        var loc = tensor(0.5, requires_grad: true);
        var half = new Mixture(Categorical.FromProbs(tensor([0.5, 0.5])), new Normal(loc, 1), new Exponential(tensor(2.0)));
        Assert.True(half.Support.Covers(Support.Real));
        var score = half.LogProb(tensor([-1.0, 1]));
        score.sum().backward();
        Assert.True(loc.grad!.isfinite().item<bool>());
        var (left, right) = (0.5 * Math.Exp(-1.125) / Math.Sqrt(2 * Math.PI), 0.5 * Math.Exp(-0.125) / Math.Sqrt(2 * Math.PI) + Math.Exp(-2));
        Assert.Equal([Math.Log(left), Math.Log(right)], score.data<double>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(0.5 * 0.5 + 0.5 * 0.5, half.Mean.item<double>(), 1e-12);
    }

    [Fact]
    public void Mixtures_of_vectors_have_event_axes()
    {
        var components = new Normal(tensor([0.0, 0, 5, 5, 9, -9]).reshape(3, 2), tensor(1.0)).ToEvent();
        foreach (var mixture in new Distribution[]
        {
            new MixtureSameFamily(Categorical.FromLogits(tensor([0.0, 1, 0])), components),
            new Mixture(Categorical.FromLogits(tensor([0.0, 1, 0])), new Normal(tensor([0.0, 0]), 1).ToEvent(), new Normal(tensor([5.0, 5]), 1).ToEvent(), new Normal(tensor([9.0, -9]), 1).ToEvent()),
        })
        {
            Assert.Equal((Shape.Scalar, new Shape([2])), (mixture.BatchShape, mixture.EventShape));
            var wide = mixture.Expand([4, 3]).ToEvent();
            var draws = wide.Sample(Key, 5);
            Assert.Equal(new Shape([5, 4, 3, 2]), new Shape(draws.shape));
            Assert.Equal(new Shape([5, 4]), new Shape(wide.LogProb(draws).shape));
            Assert.Equal(new Shape([4, 3, 2]), new Shape(wide.Variance.shape));
            var many = mixture.Sample(Key, 20_000);
            // Draws keep to one component: both numbers of a vector come from the same.
            var same = many.select(1, 0).sub(many.select(1, 1)).abs();
            Assert.True(same.lt(7).logical_or(same.gt(11)).all().ToBoolean());
            var error = 5 * many.var(0L).div(20_000).sqrt();
            Assert.True(many.mean([0L]).sub(mixture.Mean).abs().le(error).all().ToBoolean());
            Assert.True(many.var(0L).sub(mixture.Variance).abs().le(mixture.Variance.mul(0.05)).all().ToBoolean());
        }
    }

    [Fact]
    public void Mixtures_that_do_not_fit_are_refused()
    {
        var two = Categorical.FromProbs(new[] { 0.5, 0.5 });
        Assert.Throws<ArgumentException>(() => new MixtureSameFamily(two, new Normal(zeros(3), 1)));
        Assert.Throws<ArgumentException>(() => new MixtureSameFamily(two, new Normal(0, 1)));
        Assert.Throws<ArgumentException>(() => new Mixture(two, new Normal(0, 1)));
        Assert.Throws<ArgumentException>(() => new Mixture(two, new Normal(zeros(2), 1).ToEvent(), new Normal(0, 1)));
        Assert.Throws<ArgumentException>(() => new Mixture(two, new Normal(zeros(2), 1), new Normal(zeros(3), 1)));
    }

    [Fact]
    public void A_weight_of_0_takes_its_component_out_without_NaN()
    {
        var logits = tensor([0.0, double.NegativeInfinity], requires_grad: true);
        var mixture = new MixtureSameFamily(Categorical.FromLogits(logits), new Normal(tensor([0.0, 50]), tensor([1.0, 1])));
        var score = mixture.LogProb(tensor([0.0, 50]));
        Assert.Equal(new Normal(0, 1).LogProb(tensor(0f)).item<float>(), score[0].item<double>(), 1e-6);
        Assert.Equal(-1250 - 0.5 * Math.Log(2 * Math.PI), score[1].item<double>(), 1e-9);
        score.sum().backward();
        Assert.False(logits.grad!.isnan().any().ToBoolean());
        Assert.True(mixture.Sample(Key, 1000).lt(20).all().ToBoolean());
    }

    [Fact]
    public void A_mask_of_weights_is_refused()
    {
        Assert.Equal(0.0, new Normal(zeros(2), 1).Mask(tensor(new[] { 1f, 0f })).LogProb(ones(2))[1].item<float>());
        Assert.Throws<ArgumentException>(() => new Normal(zeros(2), 1).Mask(tensor(new[] { 1f, 0.5f })));
    }
}
