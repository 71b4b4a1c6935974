using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

/// <summary>Comparisons of tensors with plain arrays.</summary>
internal static class Check
{
    public static double[] Values(Tensor tensor)
    {
        using var wide = tensor.detach().to_type(ScalarType.Float64).cpu();
        return wide.data<double>().ToArray();
    }

    public static void Shape(Tensor tensor, params long[] expected) => Assert.Equal(expected, tensor.shape);

    public static void Close(double[] expected, Tensor actual, double tolerance = 1e-6)
    {
        var values = Values(actual);
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - values[i]) <= tolerance, $"Element {i}: expected {expected[i]}, got {values[i]}.");
    }
}
