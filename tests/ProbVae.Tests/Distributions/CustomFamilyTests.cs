using static TorchSharp.torch;

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

    private sealed class MarkedShifted(TensorLike loc) : Shifted(loc), IReparameterized;

    private sealed class Summed(TensorLike loc) : Shifted(loc)
    {
        protected override ScaledTensor LogDensity(Tensor value) => base.LogDensity(value).ToTensor().sum(-1);
    }
}
