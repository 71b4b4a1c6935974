using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae.Tests.Torch;

public sealed class GradientsTests
{
    [Fact]
    public void They_are_those_of_the_inputs_and_0_where_one_is_not_used()
    {
        using var x = tensor([1.0, 2.0]).requires_grad_();
        using var unused = ones(3).requires_grad_();
        var slopes = Gradients.Of(x.square().sum(), [x, unused]);
        Assert.Equal([2.0, 4.0], slopes[0].data<double>().ToArray());
        Assert.Equal([0f, 0, 0], slopes[1].data<float>().ToArray());
    }

    [Fact]
    public void The_inputs_own_gradients_stay_as_they_were()
    {
        using var x = tensor(3.0).requires_grad_();
        x.square().backward();
        Assert.Equal(2.0, Gradients.Of(x.mul(2), [x])[0].item<double>());
        Assert.Equal(6.0, x.grad!.item<double>());
    }

    [Fact]
    public void They_are_differentiated_in_turn()
    {
        using var x = tensor(2.0).requires_grad_();
        var first = Gradients.Of(x.pow(3), [x], differentiable: true)[0];
        Assert.Equal(12.0, Gradients.Of(first, [x])[0].item<double>());
    }

    [Fact]
    public void A_refusal_is_an_exception() => Assert.Throws<ExternalException>(() => Gradients.Of(ones(1), [ones(1)]));
}
