using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Distributions;

/// <summary>What a family written outside the library gets from the base class.</summary>
public sealed class CustomFamilyTests
{
    private static readonly RandomKey Key = new(4);

    [Fact]
    public void Draws_of_a_family_that_is_not_marked_carry_no_gradient()
    {
        var loc = tensor(1.0, requires_grad: true);
        Assert.False(new Shifted(loc).Sample(Key, 3).requires_grad);
        Assert.True(new MarkedShifted(loc).Sample(Key, 3).requires_grad);
    }

    [Fact]
    public void A_density_of_the_wrong_shape_is_an_error()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new Summed(zeros(3)).LogProb(zeros(2, 3)));
        Assert.Contains("Summed: LogDensity gave shape (2) for a batch of (3)", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Issue, part A: a density that sums over an axis is refused when it is first used, though its number would spread over the batch.</summary>
    [Fact]
    public void A_density_with_an_axis_too_few_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new Summed(zeros(3)).LogProb(arange(3, ScalarType.Float32)));
        Assert.Contains("Summed: LogDensity gives an element another number where only another element's value changed", error.Message, StringComparison.Ordinal);
        foreach (var wrapped in new Func<Distribution, Distribution>[] { d => d, d => d.Mask(tensor(true)), d => new TransformedDistribution(d) })
        {
            var model = Model.Given<Tensor>("m").Plate("rows", 3).Sample("z", new Normal(0, 1), out var z).Observe("x", s => wrapped(new Summed(s[z])), out _).Build();
            using Parameter loc = new(zeros(3));
            using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, _ => new Normal(loc, 1)).Build());
            Assert.Contains("another element's value changed", Assert.Throws<ModelException>(() => svi.Step(arange(3, ScalarType.Float32))).Message, StringComparison.Ordinal);
            Assert.Contains("another element's value changed", Assert.Throws<ModelException>(() => Evidence.ByPriorSampling(model, arange(3, ScalarType.Float32), Key, 2)).Message, StringComparison.Ordinal);
        }

        // The same density as one event, and what is constant, are right.
        Assert.Equal([3], new Shifted(zeros(3)).LogProb(arange(3, ScalarType.Float32)).shape);
        Assert.Equal([2, 3], new Shifted(zeros(3)).LogProb(randn(2, 3)).shape);
        Assert.Equal([3], new Flat(zeros(3)).LogProb(arange(3, ScalarType.Float32)).shape);
    }

    /// <summary>Issue, part A: a draw of another shape, or without the gradient that IReparameterized promises.</summary>
    [Fact]
    public void A_draw_that_breaks_its_promise_is_refused()
    {
        using Parameter loc = new(zeros(3));
        Refused("Detached: it is IReparameterized, and its draw carries no gradient to loc", () => new Detached(loc));
        Refused("Short: Draw gave shape () where it was asked for (3)", () => new Short(loc));

        void Refused(string sentence, Func<Distribution> make)
        {
            Assert.Contains(sentence, Assert.Throws<InvalidOperationException>(() => make().Sample(Key)).Message, StringComparison.Ordinal);
            var model = Model.Given<Tensor>("m").Plate("rows", 3).Sample("z", new Normal(0, 1), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build();
            using var svi = Inferences.Svi(model, Guide.For(model).Sample(z, _ => make()).Build());
            Assert.Contains(sentence, Assert.Throws<ModelException>(() => svi.Step(zeros(3))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_pair_of_families_can_be_registered()
    {
        var registry = KlRegistry.Empty.With<Shifted, Shifted>((q, p) => q.Mean.sub(p.Mean).square().mul(0.5));
        var (q, p) = (new Shifted(tensor([1.0, 2.0])).ToEvent(), new Shifted(tensor(0.0)).Expand([2]).ToEvent());
        Assert.Equal(2.5, registry.Divergence(q, p)!.item<double>());
        Assert.Null(KlRegistry.Standard.Divergence(q, p));
        Assert.Null(registry.Divergence(Normal.Standard(2), Normal.Standard(2)));
    }

    private class Shifted(TensorLike loc) : Distribution([("loc", loc, Support.Real, 0)])
    {
        public override Support Support => Support.Real;

        public override Tensor Mean => Spread(Arguments[0].Value);

        public override Tensor Variance => Spread(ones_like(Arguments[0].Value));

        protected override ScaledTensor LogDensity(Tensor value) => value.sub(Mean).square().mul(-0.5).sub(0.5 * Math.Log(2 * Math.PI));

        protected override Tensor Draw(Shape shape, Generator generator) =>
            randn(shape.ToArray(), DType, Device, generator: generator).add(Arguments[0].Value);
    }

    private sealed class Flat(TensorLike loc) : Shifted(loc)
    {
        protected override ScaledTensor LogDensity(Tensor value) => zeros(1);
    }

    private sealed class Detached(TensorLike loc) : Shifted(loc), IReparameterized
    {
        protected override Tensor Draw(Shape shape, Generator generator) => base.Draw(shape, generator).detach();
    }

    private sealed class Short(TensorLike loc) : Shifted(loc), IReparameterized
    {
        protected override Tensor Draw(Shape shape, Generator generator) => base.Draw(shape, generator).mean();
    }

    private sealed class MarkedShifted(TensorLike loc) : Shifted(loc), IReparameterized;

    private sealed class Summed(TensorLike loc) : Shifted(loc)
    {
        protected override ScaledTensor LogDensity(Tensor value) => base.LogDensity(value).ToTensor().sum(-1);
    }
}
