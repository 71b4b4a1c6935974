using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Nn;

public sealed class LayerTests
{
    [Fact]
    public void LinearMultipliesAndAdds()
    {
        using var layer = nn.Linear(2, 1);
        using (no_grad())
        {
            layer.weight.copy_(tensor(new[] { 2f, -1f }).view(1, 2));
            layer.bias!.fill_(0.5f);
        }

        Assert.Equal(2f * 3f - 4f + 0.5f, layer.call(tensor(new[] { 3f, 4f })).item<float>(), 1e-6f);
        Assert.Equal(2, layer.in_features);
        Assert.Equal(1, layer.out_features);
    }

    [Fact]
    public void LinearBeginsWithinTheRootOfItsFanIn()
    {
        using var layer = nn.Linear(16, 400);

        Assert.InRange(layer.weight.abs().max().item<float>(), 0.24f, 0.25f);
        Assert.InRange(layer.bias!.abs().max().item<float>(), 0.2f, 0.25f);
    }

    [Fact]
    public void LayerNormStandardizesEachRow()
    {
        using var layer = nn.LayerNorm(4, eps: 0.0, dtype: float64);
        using var output = layer.call(tensor(new[] { 1.0, 2.0, 3.0, 6.0 }).view(1, 4));

        // Mean 3, mean square deviation (4 + 1 + 0 + 9) / 4.
        var deviation = Math.Sqrt(3.5);
        Assert.Equal([-2 / deviation, -1 / deviation, 0, 3 / deviation], output.data<double>().ToArray(), (left, right) => Math.Abs(left - right) < 1e-12);
    }

    [Fact]
    public void BatchNormUsesTheBatchInTrainingAndTheRunningStatisticsAfterwards()
    {
        using var layer = nn.BatchNorm1d(1, eps: 0.0, momentum: 0.25, dtype: float64);
        using var batch = tensor(new[] { 1.0, 2.0, 6.0 }).view(3, 1);

        using var trained = layer.call(batch);
        Assert.Equal(0.0, trained.mean().item<double>(), 1e-12);
        Assert.Equal(1.0, trained.square().mean().item<double>(), 1e-12);

        // The running variance is the unbiased one, 14 / 2; both start from mean 0 and variance 1.
        var mean = 0.25 * 3;
        var variance = 0.75 + (0.25 * 7);
        Assert.Equal(mean, layer.running_mean!.item<double>(), 1e-12);
        Assert.Equal(variance, layer.running_var!.item<double>(), 1e-12);

        layer.eval();
        Assert.Equal((6 - mean) / Math.Sqrt(variance), layer.call(batch)[2].item<double>(), 1e-12);
    }

    [Fact]
    public void DropoutKeepsTheMeanInTrainingAndDoesNothingElsewhere()
    {
        using var layer = nn.Dropout(0.25);
        using var input = ones(100_000);

        using var trained = layer.call(input);
        Assert.Equal(0.25, trained.eq(0).to(float64).mean().item<double>(), 0.01);
        Assert.Equal(1 / 0.75f, trained.max().item<float>(), 1e-6f);

        layer.eval();
        Assert.True(input.Equals(layer.call(input)));
    }

    [Fact]
    public void EmbeddingLooksUpRowsAndLeavesThePaddingAlone()
    {
        using var layer = nn.Embedding(4, 3, padding_idx: 1);
        using var indices = tensor(new long[] { 2, 1, 2 });

        using var output = layer.call(indices);
        output.sum().backward();

        Assert.True(output[0].Equals(layer.weight![2]));
        Assert.Equal([0f, 0f, 0f], output[1].detach().data<float>().ToArray());
        Assert.Equal([0f, 0f, 2f, 0f], layer.weight!.grad!.select(1, 0).contiguous().data<float>().ToArray());
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 2, 2)]
    public void ConvolutionIsASumOverTheWindow(long stride, long padding, long dilation)
    {
        using var layer = nn.Conv2d(2, 3, (3, 2), (stride, stride), (padding, padding), (dilation, dilation), dtype: float64);
        using var input = randn(1, 2, 7, 6, dtype: float64);
        using var output = layer.call(input);
        using var padded = nn.functional.pad(input, (padding, padding, padding, padding));

        for (var channel = 0; channel < 3; channel++)
        {
            for (var row = 0L; row < output.shape[2]; row++)
            {
                for (var column = 0L; column < output.shape[3]; column++)
                {
                    Assert.Equal(Window(layer, padded, channel, row * stride, column * stride, dilation), output[0, channel, row, column].item<double>(), 1e-10);
                }
            }
        }
    }

    [Fact]
    public void TransposedConvolutionIsTheGradientOfTheConvolution()
    {
        using var forth = nn.Conv2d(2, 3, 3, stride: 2, padding: 1, bias: false, dtype: float64);
        using var back = nn.ConvTranspose2d(3, 2, 3, stride: 2, padding: 1, bias: false, dtype: float64);
        using (no_grad())
        {
            back.weight!.copy_(forth.weight!);
        }
        using var input = randn(new long[] { 1, 2, 5, 5 }, dtype: float64, requires_grad: true);
        using var upstream = randn(1, 3, 3, 3, dtype: float64);

        (forth.call(input) * upstream).sum().backward();

        Assert.True(input.grad!.allclose(back.call(upstream).detach()));
    }

    [Fact]
    public void TransposedConvolutionReachesTheWantedSize()
    {
        using var layer = nn.ConvTranspose2d(1, 1, 3, stride: 2, padding: 1);

        Assert.Equal([1, 1, 6, 6], layer.forward(ones(1, 1, 3, 3), [6, 6]).shape);
        Assert.Equal([1, 1, 5, 5], layer.call(ones(1, 1, 3, 3)).shape);
        Assert.Throws<ArgumentException>(() => layer.forward(ones(1, 1, 3, 3), [7, 7]));
    }

    [Fact]
    public void PaddingOtherThanZerosSurroundsTheInput()
    {
        using var input = tensor(new[] { 1f, 2f, 3f }).view(1, 1, 3);

        Assert.Equal([2f, 1f, 2f, 3f, 2f], Padded(input, PaddingModes.Reflect));
        Assert.Equal([1f, 1f, 2f, 3f, 3f], Padded(input, PaddingModes.Replicate));
        Assert.Equal([3f, 1f, 2f, 3f, 1f], Padded(input, PaddingModes.Circular));
    }

    [Fact]
    public void PoolingTakesTheLargestOrTheMean()
    {
        using var input = arange(16, dtype: float32).view(1, 1, 4, 4);
        using var largest = nn.MaxPool2d(2).call(input);
        using var mean = nn.AvgPool2d(2).call(input);

        Assert.Equal([5f, 7f, 13f, 15f], largest.data<float>().ToArray());
        Assert.Equal([2.5f, 4.5f, 10.5f, 12.5f], mean.data<float>().ToArray());
    }

    [Fact]
    public void OneHotMarksTheClass()
    {
        using var encoded = nn.functional.one_hot(tensor(new long[] { 2, 0 }), 3);

        Assert.Equal([0, 0, 1, 1, 0, 0], encoded.data<long>().ToArray());
    }

    [Fact]
    public void FlattenAndUnflattenAreInverse()
    {
        using var input = arange(24).view(2, 3, 4);
        using var flat = nn.Flatten().call(input);
        using var back = nn.Unflatten(1, [3, 4]).call(flat);

        Assert.Equal([2, 12], flat.shape);
        Assert.True(input.Equals(back));
    }

    private static float[] Padded(Tensor input, PaddingModes mode) =>
        nn.functional.pad(input, (1L, 1L), mode).contiguous().data<float>().ToArray();

    private static double Window(TorchSharp.Modules.Conv2d layer, Tensor padded, int channel, long top, long left, long dilation)
    {
        using var scope = NewDisposeScope();
        var sum = layer.bias![channel].item<double>();
        for (var i = 0; i < layer.in_channels; i++)
        {
            for (var row = 0; row < 3; row++)
            {
                for (var column = 0; column < 2; column++)
                {
                    sum += layer.weight![channel, i, row, column].item<double>() * padded[0, i, top + (row * dilation), left + (column * dilation)].item<double>();
                }
            }
        }
        return sum;
    }
}
