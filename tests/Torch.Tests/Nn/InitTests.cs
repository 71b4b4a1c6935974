using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Torch.Tests.Nn;

public sealed class InitTests
{
    [Fact]
    public void FansCountTheReceptiveField()
    {
        Assert.Equal((5L, 3L), init.CalculateFanInAndFanOut(zeros(3, 5)));
        Assert.Equal((5L * 6, 3L * 6), init.CalculateFanInAndFanOut(zeros(3, 5, 2, 3)));
        Assert.Throws<ArgumentException>(() => init.CalculateFanInAndFanOut(zeros(3)));
    }

    [Fact]
    public void UniformSchemesKeepTheirBounds()
    {
        using var weights = zeros(200, 300);

        init.xavier_uniform_(weights);
        AssertUniform(weights, Math.Sqrt(6.0 / 500));
        init.kaiming_uniform_(weights, nonlinearity: init.NonlinearityType.ReLU);
        AssertUniform(weights, Math.Sqrt(6.0 / 300));
        init.kaiming_uniform_(weights, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        AssertUniform(weights, Math.Sqrt(6.0 / 200));
    }

    [Fact]
    public void NormalSchemesHaveTheirDeviation()
    {
        using var weights = zeros(200, 300);

        init.kaiming_normal_(weights, a: 1.0);
        Assert.Equal(1 / Math.Sqrt(300), weights.std().item<float>(), 0.001);
        init.normal_(weights, 2.0, 0.5);
        Assert.Equal(2.0, weights.mean().item<float>(), 0.02);
        Assert.Equal(0.5, weights.std().item<float>(), 0.01);
    }

    [Fact]
    public void TruncatedNormalsStayInTheirInterval()
    {
        using var values = zeros(100_000);

        init.trunc_normal_(values, mean: 1.0, std: 2.0, a: 0.0, b: 2.0);

        Assert.InRange(values.min().item<float>(), 0f, 0.01f);
        Assert.InRange(values.max().item<float>(), 1.99f, 2f);
        Assert.Equal(1.0, values.mean().item<float>(), 0.01);
    }

    [Fact]
    public void ConstantsFillWithoutAGradient()
    {
        using var weights = zeros(2, 3, requires_grad: true);

        Assert.Equal(12.0, init.constant_(weights, 2.0).sum().item<float>());
        Assert.Equal(6.0, init.ones_(weights).sum().item<float>());
        Assert.Equal(2.0, init.eye_(weights).sum().item<float>());
        Assert.Equal(0.0, init.zeros_(weights).sum().item<float>());
        Assert.True(weights.is_leaf);
    }

    private static void AssertUniform(Tensor weights, double bound)
    {
        Assert.InRange(weights.abs().max().item<float>(), 0.999 * bound, bound * 1.000001);
        Assert.Equal(bound / Math.Sqrt(3), weights.std().item<float>(), 0.01 * bound);
    }
}
