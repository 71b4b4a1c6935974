using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Nn;

public sealed class ActivationTests
{
    private static readonly double[] Points = [-3.0, -0.5, 0.0, 0.5, 3.0];

    public static TheoryData<string, Func<nn.Module<Tensor, Tensor>>, Func<double, double>> Activations => new()
    {
        { "ReLU", () => nn.ReLU(), x => Math.Max(x, 0) },
        { "ReLU6", () => nn.ReLU6(), x => Math.Clamp(x, 0, 6) },
        { "ELU", () => nn.ELU(1.5), x => x > 0 ? x : 1.5 * (Math.Exp(x) - 1) },
        { "LeakyReLU", () => nn.LeakyReLU(0.1), x => x > 0 ? x : 0.1 * x },
        { "SiLU", () => nn.SiLU(), x => x / (1 + Math.Exp(-x)) },
        { "Tanh", () => nn.Tanh(), Math.Tanh },
        { "Sigmoid", () => nn.Sigmoid(), x => 1 / (1 + Math.Exp(-x)) },
        { "Softplus", () => nn.Softplus(2.0), x => Math.Log(1 + Math.Exp(2 * x)) / 2 },
        { "LogSigmoid", () => nn.LogSigmoid(), x => -Math.Log(1 + Math.Exp(-x)) },
        { "Hardtanh", () => nn.Hardtanh(-0.7, 0.2), x => Math.Clamp(x, -0.7, 0.2) },
        { "Mish", () => nn.Mish(), x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))) },
    };

    [Theory]
    [MemberData(nameof(Activations))]
    public void ActivationsAreTheirFormulas(string name, Func<nn.Module<Tensor, Tensor>> make, Func<double, double> formula)
    {
        using var module = make();
        using var input = tensor(Points);
        using var output = module.call(input);

        foreach (var (point, actual) in Points.Zip(output.data<double>().ToArray()))
        {
            Assert.True(Math.Abs(formula(point) - actual) < 1e-12, $"{name}({point}) is {actual}, expected {formula(point)}.");
        }
        Assert.True(input.Equals(tensor(Points)));
    }

    [Fact]
    public void InPlaceActivationsChangeTheirInput()
    {
        using var input = tensor(Points);
        using var output = nn.ReLU(inplace: true).call(input);

        Assert.Equal(0.0, input[0].item<double>());
        Assert.True(input.Equals(output));
    }

    [Fact]
    public void GeluIsTheInputTimesTheNormalDistributionFunction()
    {
        using var output = nn.GELU().call(tensor(new[] { 1.0 }));

        Assert.Equal(0.841344746068543, output.item<double>(), 1e-12);
    }

    [Fact]
    public void SoftmaxSumsToOneAndAgreesWithItsLogarithm()
    {
        using var input = tensor(Points);
        using var probabilities = nn.Softmax(0).call(input);
        using var logarithms = nn.LogSoftmax(0).call(input);

        Assert.Equal(1.0, probabilities.sum().item<double>(), 1e-12);
        Assert.True(probabilities.log().allclose(logarithms));
    }
}
