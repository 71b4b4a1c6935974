using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

public sealed class AutogradTests
{
    [Fact]
    public void Backward_accumulates_into_leaves()
    {
        using var x = tensor([1.0, 2.0], requires_grad: true);
        Assert.Null(x.grad);
        (x * x).sum().backward();
        Check.Close([2, 4], x.grad!);
        (x * x).sum().backward();
        Check.Close([4, 8], x.grad!);
        x.grad = null;
        Assert.Null(x.grad);
    }

    [Fact]
    public void A_two_layer_network_has_the_gradient_of_finite_differences()
    {
        using var generator = new Generator(1);
        using var x = randn([5, 3], float64, generator: generator);
        using var w1 = randn([3, 4], float64, generator: generator).requires_grad_();
        using var w2 = randn([4, 1], float64, generator: generator).requires_grad_();
        Tensor Loss() => x.matmul(w1).tanh().matmul(w2).pow(2).mean();
        Loss().backward();

        const double step = 1e-6;
        using (no_grad())
        {
            var before = w1[1, 2].ToDouble();
            w1[1, 2] = tensor(before + step);
            var above = Loss().ToDouble();
            w1[1, 2] = tensor(before - step);
            var below = Loss().ToDouble();
            Assert.Equal((above - below) / (2 * step), w1.grad![1, 2].ToDouble(), 1e-6);
        }
    }

    [Fact]
    public void Grad_returns_gradients_and_null_for_what_was_not_used()
    {
        using var x = tensor(3.0, requires_grad: true);
        using var unused = tensor(1.0, requires_grad: true);
        var found = autograd.grad([x * x], [x, unused], allow_unused: true);
        Assert.Equal(6.0, found[0].ToDouble());
        Assert.Null(found[1]);
        Assert.Null(x.grad);
        Assert.Throws<ExternalException>(() => autograd.grad([x * x], [unused]));
    }

    [Fact]
    public void Second_derivatives_need_create_graph()
    {
        using var x = tensor(2.0, requires_grad: true);
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        var second = autograd.grad([first], [x])[0];
        Assert.Equal(12.0, second.ToDouble());
    }

    [Fact]
    public void A_graph_is_freed_unless_it_is_retained()
    {
        using var x = tensor(2.0, requires_grad: true);
        using var y = x * x;
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal(8.0, x.grad!.ToDouble());
        Assert.Throws<ExternalException>(y.backward);
    }

    [Fact]
    public void Gradient_modes_nest_and_restore()
    {
        using var x = ones(2, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False((x * 2.0).requires_grad);
            using (enable_grad()) Assert.True((x * 2.0).requires_grad);
            Assert.False(is_grad_enabled());
        }

        Assert.True(is_grad_enabled());
        Assert.False(x.detach().requires_grad);
        Assert.True(x.is_leaf);
        Assert.False((x * 2.0).is_leaf);
    }

    [Fact]
    public void Indexing_and_joining_carry_gradients()
    {
        using var x = tensor([1.0, 2.0, 3.0], requires_grad: true);
        cat([x[1..], x[0].unsqueeze(0)]).mul(tensor([1.0, 10.0, 100.0])).sum().backward();
        Check.Close([100, 1, 10], x.grad!);
    }
}
