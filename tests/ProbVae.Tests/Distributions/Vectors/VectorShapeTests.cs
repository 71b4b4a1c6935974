using FsCheck.Fluent;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>The laws of sample, batch and event shapes where an event has axes of its own.</summary>
public sealed class VectorShapeTests
{
    private static readonly RandomKey Key = new(7);

    public static TheoryData<string> Names => VectorDensityTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_draw_is_sample_then_batch_then_event(string name)
    {
        var family = VectorDensityTests.Row(name);
        var own = family.Scalar(family.Example(0)).EventShape;
        var cases = from batch in Property.Shapes from sample in Property.Shapes from axes in Gen.Choose(0, 2) select (batch, sample, axes);
        Property.ForAll(cases, shapes =>
        {
            using var scope = NewDisposeScope();
            var (batch, sample) = (shapes.batch, shapes.sample);
            var axes = Math.Min(shapes.axes, batch.Rank);
            var plain = family.Batch(batch);
            var distribution = plain.ToEvent(axes);
            var value = distribution.Sample(Key, sample.ToArray());

            Assert.Equal(batch[..^axes], distribution.BatchShape);
            Assert.Equal(batch[^axes..] + own, distribution.EventShape);
            Assert.Equal(sample + batch + own, new Shape(value.shape));
            Assert.Equal(sample + distribution.BatchShape, new Shape(distribution.LogProb(value).shape));
            var summed = axes == 0 ? plain.LogProb(value) : plain.LogProb(value).sum([.. Enumerable.Range(1, axes).Select(axis => (long)-axis)]);
            Assert.True(summed.sub(distribution.LogProb(value)).abs().le(1e-9).all().ToBoolean());
        }, runs: 10);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_element_of_a_batch_is_the_distribution_of_its_arguments(string name)
    {
        var family = VectorDensityTests.Row(name);
        using var scope = NewDisposeScope();
        var batch = family.Batch([3]);
        var values = batch.Sample(Key, 4).clone();
        var scores = batch.LogProb(values);
        for (var i = 0; i < 3; i++)
        {
            var alone = family.Scalar(family.Example(i)).LogProb(values[TensorIndex.Colon, i]);
            Assert.True(alone.sub(scores[TensorIndex.Colon, i]).abs().le(1e-9).all().ToBoolean(), name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Expanding_repeats_the_density_and_not_the_draws(string name)
    {
        using var scope = NewDisposeScope();
        var narrow = VectorDensityTests.Row(name).Batch([2, 1]);
        var wide = narrow.Expand([4, 2, 3]);
        var value = wide.Sample(Key, 5);
        Assert.Equal(new Shape([5, 4, 2, 3]) + narrow.EventShape, new Shape(value.shape));
        Assert.True(wide.LogProb(value).narrow(3, 1, 1).sub(narrow.LogProb(value.narrow(3, 1, 1))).abs().le(1e-9).all().ToBoolean());
        var first = value.select(3, 0);
        Assert.False(first.Equals(value.select(3, 1)));
        Assert.False(value.select(1, 0).Equals(value.select(1, 1)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_without_the_first_batch_axes_is_shared_by_them(string name)
    {
        using var scope = NewDisposeScope();
        var family = VectorDensityTests.Row(name);
        var value = family.Scalar(family.Example(0)).Expand([3]).Sample(Key);
        foreach (var distribution in new[] { family.Scalar(family.Example(0)).Expand([4, 3]), family.Build(family.Repeated(family.Example(0), [4, 3])) })
        {
            var shared = distribution.LogProb(value);
            Assert.Equal(new Shape([4, 3]), new Shape(shared.shape));
            Assert.True(shared.sub(distribution.LogProb(value.expand([4, .. value.shape]))).abs().le(1e-9).all().ToBoolean());
        }
    }

    [Fact]
    public void Arguments_of_a_normal_vector_broadcast_against_each_other()
    {
        using var scope = NewDisposeScope();
        var (loc, root) = (randn([4, 1, 2], ScalarType.Float64), eye(2, dtype: ScalarType.Float64).mul(arange(1, 4, dtype: ScalarType.Float64).reshape(3, 1, 1)));
        var normal = MultivariateNormal.FromScaleTril(loc, root);
        Assert.Equal(new Shape([4, 3]), normal.BatchShape);
        Assert.Equal(new Shape([4, 3, 2]), new Shape(normal.Variance.shape));
        Assert.Equal(new Shape([4, 3]), new Shape(normal.Entropy.shape));
        var value = normal.Sample(Key, 6);
        var independent = new Normal(loc, root.diagonal(0, -2, -1)).ToEvent();
        Assert.True(normal.LogProb(value).sub(independent.LogProb(value)).abs().le(1e-10).all().ToBoolean());

        var lowRank = new LowRankMultivariateNormal(loc, zeros([2, 1], ScalarType.Float64), root.diagonal(0, -2, -1).square());
        Assert.True(lowRank.LogProb(value).sub(independent.LogProb(value)).abs().le(1e-10).all().ToBoolean());
        Assert.Equal(new Shape([4, 3]), new Shape(lowRank.Entropy.shape));
    }
}
