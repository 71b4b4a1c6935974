using static TorchSharp.torch;

namespace ProbVae.Tests.Guides;

/// <summary>Case B6: AutoLaplace where two variables cannot be told apart.</summary>
public sealed class SingularHessianTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void WithoutPriorsADirectionIsUndetermined(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var (x, y) = Line(dtype);
        var model = Model.Given<Tensor>("twice")
            .Sample("a", new ImproperUniform(Support.Real, dtype: dtype), out var a)
            .Sample("b", new ImproperUniform(Support.Real, dtype: dtype), out var b)
            .Sample("c", new Normal(tensor(0.0, dtype), 1), out var c)
            .Observe("y", s => new Normal(s[a].mul(x).add(s[b].mul(x)).add(s[c]), 1).ToEvent(), out _)
            .Build();
        var error = Assert.Throws<ModelException>(() => Guide.AutoLaplace(model, y).Gaussian(y));
        Assert.StartsWith($"AutoLaplace: prior and data leave a direction of 'a', 'b' undetermined, as far as {(dtype == ScalarType.Float64 ? "float64" : "float32")} can tell", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithWidePriorsFloat64TellsItAndFloat32SaysSo()
    {
        using var scope = NewDisposeScope();
        var (model, y) = Wide(ScalarType.Float64);
        using var covariance = Guide.AutoLaplace(model, y).Gaussian(y).Covariance;
        // a + b is determined; a − b has its prior: a variance of 10⁶ / 2 each.
        Assert.Equal(5e5, covariance[0, 0].item<double>(), 50.0);
        Assert.Equal(-5e5, covariance[0, 1].item<double>(), 50.0);
        var (single, data) = Wide(ScalarType.Float32);
        var error = Assert.Throws<ModelException>(() => Guide.AutoLaplace(single, data).Gaussian(data));
        Assert.Contains("as far as float32 can tell", error.Message, StringComparison.Ordinal);
        Assert.Contains("give the model float64 tensors, priors and data, which tell more", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AVariableThatNothingReadsIsUndetermined()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("idle")
            .Sample("a", new ImproperUniform(Support.Real, dtype: float64), out _)
            .Sample("b", new Normal(tensor(0.0), 1), out var b)
            .Observe("y", s => new Normal(s[b], 1), out _)
            .Build();
        var y = tensor(0.5);
        var error = Assert.Throws<ModelException>(() => Guide.AutoLaplace(model, y).Gaussian(y));
        Assert.StartsWith("AutoLaplace: prior and data leave a direction of 'a' undetermined", error.Message, StringComparison.Ordinal);
    }

    private static (Model<Tensor> Model, Tensor Y) Wide(ScalarType dtype)
    {
        var (x, y) = Line(dtype);
        var model = Model.Given<Tensor>("twice")
            .Sample("a", new Normal(tensor(0.0, dtype), 1000), out var a)
            .Sample("b", new Normal(tensor(0.0, dtype), 1000), out var b)
            .Observe("y", s => new Normal(s[a].mul(x).add(s[b].mul(x)), 1).ToEvent(), out _)
            .Build();
        return (model, y);
    }

    private static (Tensor X, Tensor Y) Line(ScalarType dtype)
    {
        var x = linspace(-1, 2, 20, dtype);
        return (x, x.mul(3).add(x.mul(17).sin()));
    }
}
