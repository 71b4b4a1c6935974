using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Torch.Tests.Nn;

public sealed class LossTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void BinaryCrossEntropyWithLogitsIsStable()
    {
        double[] logits = [-800, -1, 0.5, 800];
        double[] targets = [0, 1, 0.25, 1];
        var expected = logits.Zip(targets, (x, t) => Math.Max(x, 0) - (x * t) + Math.Log(1 + Math.Exp(-Math.Abs(x)))).Sum();

        using var loss = binary_cross_entropy_with_logits(tensor(logits), tensor(targets), reduction: nn.Reduction.Sum);

        Assert.Equal(expected, loss.item<double>(), Tolerance);
    }

    [Fact]
    public void BinaryCrossEntropyWeighsItsElements()
    {
        using var loss = binary_cross_entropy(tensor(new[] { 0.2, 0.9 }), tensor(new[] { 0.0, 1.0 }), tensor(new[] { 1.0, 3.0 }), nn.Reduction.None);

        Assert.Equal(-Math.Log(0.8), loss[0].item<double>(), Tolerance);
        Assert.Equal(-3 * Math.Log(0.9), loss[1].item<double>(), Tolerance);
    }

    [Fact]
    public void PositiveWeightsScaleThePositiveTerm()
    {
        using var loss = binary_cross_entropy_with_logits(tensor(new[] { 0.3 }), tensor(new[] { 1.0 }), pos_weights: tensor(new[] { 5.0 }));

        Assert.Equal(5 * Math.Log(1 + Math.Exp(-0.3)), loss.item<double>(), Tolerance);
    }

    [Fact]
    public void CrossEntropyIsTheLogProbabilityOfTheClass()
    {
        double[] logits = [1, 2, 4];
        var normalizer = Math.Log(logits.Sum(Math.Exp));
        using var input = tensor(logits).view(1, 3).expand(2, 3);

        using var loss = cross_entropy(input, tensor(new long[] { 0, 2 }), reduction: nn.Reduction.None);
        using var ignoring = cross_entropy(input, tensor(new long[] { 0, 2 }), ignore_index: 2);
        using var likelihood = nll_loss(input.log_softmax(1), tensor(new long[] { 0, 2 }));

        Assert.Equal(normalizer - 1, loss[0].item<double>(), Tolerance);
        Assert.Equal(normalizer - 4, loss[1].item<double>(), Tolerance);
        Assert.Equal(normalizer - 1, ignoring.item<double>(), Tolerance);
        Assert.Equal(normalizer - 2.5, likelihood.item<double>(), Tolerance);
    }

    [Fact]
    public void DifferencesAreSquaredOrAbsolute()
    {
        using var input = tensor(new[] { 0.0, 3.0 });
        using var target = tensor(new[] { 0.5, 1.0 });

        Assert.Equal((0.25 + 4) / 2, mse_loss(input, target).item<double>(), Tolerance);
        Assert.Equal(2.5, l1_loss(input, target, nn.Reduction.Sum).item<double>(), Tolerance);
        Assert.Equal(0.125 + 1.5, smooth_l1_loss(input, target, nn.Reduction.Sum).item<double>(), Tolerance);
        Assert.Equal(0.125 + (2 * (2 - 1)), huber_loss(input, target, 2.0, nn.Reduction.Sum).item<double>(), Tolerance);
    }

    [Fact]
    public void LossModulesKeepTheirSettings()
    {
        using var module = nn.BCEWithLogitsLoss(reduction: nn.Reduction.Sum);
        using var input = tensor(new[] { 0.3, -2.0 });
        using var target = tensor(new[] { 1.0, 0.0 });

        Assert.Equal(nn.Reduction.Sum, module.reduction);
        Assert.Equal(
            binary_cross_entropy_with_logits(input, target, reduction: nn.Reduction.Sum).item<double>(),
            module.call(input, target).item<double>(),
            Tolerance);
    }
}
