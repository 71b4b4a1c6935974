using FsCheck.Fluent;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>The laws of sample, batch and event shapes.</summary>
public sealed class ShapeTests
{
    private static readonly RandomKey Key = new(7);

    public static TheoryData<string> Names => Families.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_draw_is_sample_then_batch_then_event(string name)
    {
        var cases = from batch in Property.Shapes from sample in Property.Shapes from axes in Gen.Choose(0, 2) select (batch, sample, axes);
        Property.ForAll(cases, shapes =>
        {
            using var scope = NewDisposeScope();
            var (batch, sample) = (shapes.batch, shapes.sample);
            var axes = Math.Min(shapes.axes, batch.Rank);
            var plain = Families.ByName(name).Batch(batch);
            var distribution = plain.ToEvent(axes);
            var value = distribution.Sample(Key, sample.ToArray());

            Assert.Equal(batch[..^axes], distribution.BatchShape);
            Assert.Equal(batch[^axes..], distribution.EventShape);
            Assert.Equal(sample + batch, new Shape(value.shape));
            Assert.Equal(sample + distribution.BatchShape, new Shape(distribution.LogProb(value).shape));
            if (Families.ByName(name).HasMoments)
            {
                Assert.Equal(batch, new Shape(distribution.Mean.shape));
                Assert.Equal(batch, new Shape(distribution.Variance.shape));
            }

            var summed = axes == 0 ? plain.LogProb(value) : plain.LogProb(value).sum([.. Enumerable.Range(1, axes).Select(axis => (long)-axis)]);
            Assert.True(summed.sub(distribution.LogProb(value)).abs().le(1e-10).all().ToBoolean());
        }, runs: 15);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Expanding_repeats_the_density_and_not_the_draws(string name)
    {
        var cases = from batch in Property.Shapes from extra in Property.Shapes from sample in Property.Shapes select (batch, extra, sample);
        Property.ForAll(cases, shapes =>
        {
            using var scope = NewDisposeScope();
            var wide = shapes.extra + shapes.batch;
            var narrow = Families.ByName(name).Batch(shapes.batch);
            var distribution = narrow.Expand(wide);
            var value = distribution.Sample(Key, shapes.sample.ToArray());

            Assert.Equal(wide, distribution.BatchShape);
            Assert.Equal(shapes.sample + wide, new Shape(value.shape));
            Assert.True(distribution.LogProb(value).Equals(narrow.LogProb(value)));
            Assert.True(!Families.ByName(name).HasMoments || distribution.Mean.Equals(narrow.Mean.expand(wide.ToArray())));
        }, runs: 15);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_axis_of_size_one_expands_and_is_drawn_independently(string name)
    {
        var distribution = Families.ByName(name).Batch([2, 1]).Expand([2, 50]).ToEvent(1);
        var draws = distribution.Sample(Key);
        Assert.Equal(new Shape([2, 50]), new Shape(draws.shape));
        Assert.Equal(new Shape([2]), new Shape(distribution.LogProb(draws).shape));
        if (distribution.Support is not Point)
        {
            Assert.True(draws.to(ScalarType.Float64).var(1L).gt(0).all().ToBoolean());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_that_only_broadcasts_is_refused(string name)
    {
        var distribution = Families.ByName(name).Batch([3]);
        var value = distribution.Sample(Key).reshape(3, 1);
        var error = Assert.Throws<ArgumentException>(() => distribution.LogProb(value));
        Assert.Contains("(3, 1) does not fit batch shape (3) and event shape ()", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_without_the_first_batch_axes_is_shared_by_them(string name)
    {
        var family = Families.ByName(name);
        var value = family.Scalar(family.Example(0)).Expand([3]).Sample(Key);
        foreach (var distribution in new[] { family.Scalar(family.Example(0)).Expand([4, 3]), family.Build(family.Repeated(family.Example(0), [4, 3])) })
        {
            var shared = distribution.LogProb(value);
            Assert.Equal(new Shape([4, 3]), new Shape(shared.shape));
            Assert.True(shared.sub(distribution.LogProb(value.expand(4, 3))).abs().le(1e-10).all().ToBoolean());
            Assert.Equal(new Shape([4]), new Shape(distribution.ToEvent().LogProb(value).shape));
        }
    }

    [Fact]
    public void Arguments_broadcast_against_each_other()
    {
        var normal = new Normal(zeros(3, 1), ones(2));
        Assert.Equal(new Shape([3, 2]), normal.BatchShape);
        Assert.Equal(new Shape([5, 3, 2]), new Shape(normal.Sample(Key, 5).shape));
        var error = Assert.Throws<ArgumentException>(() => new Normal(zeros(3), ones(2)));
        Assert.Contains("Normal: the arguments' shapes do not broadcast: loc (3), scale (2)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_and_arrays_take_the_tensors_type()
    {
        Assert.Equal(ScalarType.Float64, new Normal(0, tensor(2.0, ScalarType.Float64)).Sample(Key).dtype);
        Assert.Equal(ScalarType.Float32, new Normal(new[] { 0.0, 1.0 }, 1).Sample(Key).dtype);
        Assert.Equal(ScalarType.Float32, new Normal(tensor([1L, 2L]), 1).Mean.dtype);
        Assert.Equal(ScalarType.Int64, Categorical.FromProbs(new[] { 0.5, 0.5 }).Sample(Key).dtype);
    }

    [Fact]
    public void More_event_axes_than_the_batch_has_are_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new Normal(zeros(3), 1).ToEvent(2));
        Assert.Contains("Normal: 2 axes cannot be made an event of a batch of shape (3)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_expands_only_to_what_it_broadcasts_to()
    {
        var error = Assert.Throws<ArgumentException>(() => new Normal(zeros(3), 1).Expand([3, 2]));
        Assert.Contains("batch shape (3) does not expand to (3, 2)", error.Message, StringComparison.Ordinal);
    }
}
