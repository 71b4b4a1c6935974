using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference;

/// <summary>Clipping bounds what the optimizer sees, and leaves what is within the bounds bit for bit.</summary>
public sealed class GradientClippingTests
{
    [Fact]
    public void TheNormIsReducedToTheBoundAndTheDirectionStays()
    {
        var (free, freeNorm) = Gradients(svi => svi);
        var (clipped, reported) = Gradients(svi => svi.ClipGradients(maxNorm: 0.25));
        // Rounding of single precision.
        Assert.Equal(0.25, Norm(clipped), 1e-6);
        Assert.Equal(Norm(free), freeNorm, 1e-5 * freeNorm);
        Assert.Equal(freeNorm, reported, 1e-9 * freeNorm);
        for (var i = 0; i < free.Length; i++)
        {
            Assert.Equal(free[i] * 0.25 / Norm(free), clipped[i], 1e-6);
        }
    }

    [Fact]
    public void AGradientWithinTheBoundsIsLeftAsItIs() =>
        Assert.Equal(Gradients(svi => svi).Gradient, Gradients(svi => svi.ClipGradients(maxNorm: 1e6, maxValue: 1e6)).Gradient);

    [Fact]
    public void TheElementsAreBoundedBeforeTheNorm()
    {
        var free = Gradients(svi => svi).Gradient;
        var clipped = Gradients(svi => svi.ClipGradients(maxValue: 0.5)).Gradient;
        Assert.Equal(free.Select(value => Math.Clamp(value, -0.5, 0.5)), clipped);
        Assert.Contains(free, value => Math.Abs(value) > 0.5);
        var both = Gradients(svi => svi.ClipGradients(maxNorm: 0.3, maxValue: 0.5)).Gradient;
        Assert.Equal(0.3, Norm(both), 1e-6);
        Assert.Equal(clipped[0] / clipped[1], both[0] / both[1], 1e-5);
    }

    [Fact]
    public void ANormWhoseSquareOverflowsIsClippedAsAnyOther()
    {
        // d/da of (x - a)^2 / 2s^2 with s = 1e-13 is 1e26 in each of two elements: finite, and its square is not in 32 bits.
        Parameter a = new(zeros(2));
        var model = Model.Given<Tensor>("m").Sample("z", new Normal(zeros(1), 1), out var z).Observe("x", _ => new Normal(a, 1e-13), out _).Build();
        using var svi = Svi.For(model, Guide.For(model).Sample(z, _ => new Normal(zeros(1), 1)).Build(), Elbo.MeanField(), Inferences.Still).ClipGradients(maxNorm: 2);
        using var data = ones(2);
        svi.Step(data);
        Assert.Equal(2, Norm(Inferences.Numbers(a.grad!)), 1e-5);
        Assert.Equal(Math.Sqrt(2) * 1e26, svi.GradientNorm!.Value, 1e21);
    }

    [Theory]
    [InlineData(0.0, 1.0)]
    [InlineData(-1.0, 1.0)]
    [InlineData(double.NaN, 1.0)]
    [InlineData(1.0, 0.0)]
    [InlineData(1.0, double.NaN)]
    public void ABoundThatIsNotPositiveIsRefused(double norm, double value)
    {
        using var svi = new Conjugate().Svi();
        Assert.Throws<ArgumentOutOfRangeException>(() => svi.ClipGradients(norm, value));
    }

    [Fact]
    public void AnInferenceWithoutAStepHasNoGradientNorm()
    {
        using var svi = new Conjugate().Svi();
        Assert.Null(svi.GradientNorm);
    }

    private static (double[] Gradient, double Norm) Gradients(Func<Svi<Tensor>, Svi<Tensor>> clipped)
    {
        var conjugate = new Conjugate(loc: 4);
        using var svi = clipped(Svi.For(conjugate.Model, conjugate.Guide, Elbo.MeanField(), Inferences.Still));
        svi.Step(conjugate.Data);
        return ([.. Inferences.Numbers(conjugate.Location.grad!), .. Inferences.Numbers(conjugate.Spread.grad!)], svi.GradientNorm!.Value);
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));
}
