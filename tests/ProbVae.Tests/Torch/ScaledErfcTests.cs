using static TorchSharp.torch;

namespace ProbVae.Tests.Torch;

public sealed class ScaledErfcTests
{
    /// <summary>exp(x²) erfc(x) to 17 digits, by Python's decimal arithmetic from the continued fraction DLMF 7.9.1 and the series 7.6.1.</summary>
    [Theory]
    [InlineData(-1, 5.0089800807622833)]
    [InlineData(0, 1)]
    [InlineData(0.5, 0.6156903441929259)]
    [InlineData(3, 0.17900115118138996)]
    [InlineData(10, 0.056140992743822588)]
    [InlineData(1e8, 5.6418958354775623e-9)]
    public void It_is_right_where_erfc_underflows_too(double x, double expected) =>
        Assert.Equal(1, tensor(x).Erfcx().item<double>() / expected, 1e-14);

    [Fact]
    public void Its_slope_is_that_of_the_function()
    {
        using var x = tensor(2.0).requires_grad_();
        x.Erfcx().backward();
        Assert.Equal((4 * x.Erfcx().item<double>()) - (2 / Math.Sqrt(Math.PI)), x.grad!.item<double>(), 1e-12);
    }
}
