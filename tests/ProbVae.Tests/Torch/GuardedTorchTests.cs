using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Torch;

/// <summary>TorchSharp's own methods, as a program calls them; the build has mended them.</summary>
public sealed class GuardedTorchTests
{
    [Fact]
    public void What_libtorch_refuses_is_an_exception()
    {
        Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.Throws<ExternalException>(() => matmul(ones(5, 2, 3), ones(4, 3, 2)));
        Assert.Throws<ExternalException>(() => ones(3).matmul(ones(3, ScalarType.Float64)));
        Assert.Throws<ExternalException>(() => ones(2).cummax(5));
        Assert.Throws<ExternalException>(() => ones(2).cummin(-3));
        Assert.Throws<ExternalException>(() => autograd.grad([ones(1)], [ones(1)]));
        using var x = ones(2).requires_grad_();
        using var y = x.square().sum();
        y.backward();
        Assert.Throws<ExternalException>(() => autograd.grad([y], [x]));
        Assert.Throws<ExternalException>(() => autograd.grad([x.sum()], [ones(2).requires_grad_()]));
    }

    /// <summary>Each kind of shapes that torch multiplies: vectors, matrices, batches, and all of them mixed.</summary>
    [Theory]
    [InlineData(new long[] { 3 }, new long[] { 3 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 3 })]
    [InlineData(new long[] { 3 }, new long[] { 3, 2 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 4 })]
    [InlineData(new long[] { 5, 2, 3 }, new long[] { 5, 3, 4 })]
    [InlineData(new long[] { 5, 1, 2, 3 }, new long[] { 6, 3, 4 })]
    [InlineData(new long[] { 5, 2, 3 }, new long[] { 3 })]
    public void Products_are_the_sums_of_products(long[] left, long[] right)
    {
        using var generator = new RandomKey(1).NewGenerator();
        using var x = randn(left, ScalarType.Float64, generator: generator).requires_grad_();
        using var y = randn(right, ScalarType.Float64, generator: generator);
        var matrix = x.dim() == 1 ? x.unsqueeze(0) : x;
        var other = y.dim() == 1 ? y.unsqueeze(-1) : y;
        var expected = matrix.unsqueeze(-1).mul(other.unsqueeze(-3)).sum(-2);
        expected = y.dim() == 1 ? expected.squeeze(-1) : expected;
        expected = x.dim() == 1 ? expected.squeeze(y.dim() == 1 ? -1 : -2) : expected;
        var product = x.matmul(y);
        Assert.Equal(expected.shape, product.shape);
        Assert.True(product.sub(expected).abs().max().ToDouble() < 1e-12);
        product.sum().backward();
        Assert.True(x.grad!.sub(Gradients.Of(expected.sum(), [x])[0]).abs().max().ToDouble() < 1e-12);
    }

    [Fact]
    public void Running_extremes_come_with_their_places()
    {
        var (greatest, at) = tensor([1.0, 3, 2]).cummax(0);
        Assert.Equal([1.0, 3, 3], greatest.data<double>().ToArray());
        Assert.Equal([0L, 1, 1], at.data<long>().ToArray());
        Assert.Equal([1.0, 1, 1], tensor([1.0, 3, 2]).cummin(0).values.data<double>().ToArray());
    }

    [Fact]
    public void Gradients_may_start_from_given_ones_and_leave_unused_inputs_out()
    {
        using var x = tensor([1.0, 2.0]).requires_grad_();
        using var unused = ones(1).requires_grad_();
        Assert.Equal([6.0, 8.0], autograd.grad([x.square()], [x], [tensor([3.0, 2.0])])[0].data<double>().ToArray());
        var found = autograd.grad([x.sum()], [x, unused], allow_unused: true);
        Assert.NotNull(found[0]);
        Assert.Null(found[1]);
    }

    /// <summary>Garbage is collected all the time; without the mend some product fails within seconds.</summary>
    [Fact]
    public void A_number_lives_as_long_as_libtorch_reads_it()
    {
        using var collecting = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!collecting.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using var x = ones(4);
            for (var i = 0; i < 60_000; i++)
            {
                using var scope = NewDisposeScope();
                Assert.Equal(i % 7, x.mul((double)(i % 7))[0].item<float>());
            }
        }
        finally
        {
            collecting.Cancel();
            collector.Join();
        }
    }
}
