using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Nn;

public sealed class SequentialTests
{
    [Fact]
    public void GradientsAgreeWithDifferences()
    {
        using var model = nn.Sequential(
            nn.Linear(3, 5, dtype: float64),
            nn.ReLU(),
            nn.Linear(5, 2, dtype: float64));
        using var input = linspace(-1, 1, 12, dtype: float64).view(4, 3);
        Fill(model);

        using var loss = Loss(model, input);
        loss.backward();

        foreach (var parameter in model.parameters())
        {
            for (var i = 0L; i < parameter.numel(); i++)
            {
                Assert.Equal(Difference(model, input, parameter, i), parameter.grad!.view(-1)[i].item<double>(), 1e-6);
            }
        }
    }

    [Fact]
    public void AnEmptySequencePassesItsInputOn()
    {
        using var model = nn.Sequential();
        using var input = ones(2);
        using var output = model.call(input);

        Assert.True(input.Equals(output));
    }

    [Fact]
    public void StepsAreNamedByPlaceOrAsTold()
    {
        using var byPlace = nn.Sequential(nn.Linear(1, 1, hasBias: false), nn.Linear(1, 1, hasBias: false));
        using var named = nn.Sequential(("encoder", nn.Linear(1, 1, hasBias: false)), ("decoder", nn.Linear(1, 1, hasBias: false)));

        Assert.Equal(["0.weight", "1.weight"], byPlace.named_parameters().Select(parameter => parameter.name));
        Assert.Equal(["encoder.weight", "decoder.weight"], named.named_parameters().Select(parameter => parameter.name));
    }

    [Fact]
    public void ASliceSharesItsSteps()
    {
        using var model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1));
        var slice = model[1..];

        Assert.Equal(2, slice.Count);
        Assert.Same(model[2], slice[1]);
    }

    // Inputs of the rectifier are kept away from its kink by these values.
    private static void Fill(nn.Module model)
    {
        using var noGrad = no_grad();
        foreach (var parameter in model.parameters())
        {
            parameter.copy_(linspace(-0.7, 0.9, parameter.numel(), dtype: float64).view(parameter.shape));
        }
    }

    private static Tensor Loss(nn.Module<Tensor, Tensor> model, Tensor input) => model.call(input).square().sum();

    private static double Difference(nn.Module<Tensor, Tensor> model, Tensor input, Tensor parameter, long element)
    {
        const double Step = 1e-6;
        using var noGrad = no_grad();
        using var entry = parameter.view(-1)[element];
        entry.add_(Step);
        var above = Loss(model, input).item<double>();
        entry.sub_(2 * Step);
        var below = Loss(model, input).item<double>();
        entry.add_(Step);
        return (above - below) / (2 * Step);
    }
}
