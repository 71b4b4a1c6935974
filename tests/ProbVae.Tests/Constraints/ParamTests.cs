using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Constraints;

public sealed class ParamTests
{
    [Fact]
    public void APositiveOneTrainsAsItsLogarithmWould()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("scale").Sample("w", Normal.Standard(3), out var w).Observe("y", s => new Normal(s[w], 0.5), out _).Build();
        var y = tensor(new float[] { 0.4f, -1, 2 });
        Parameter loc = new(zeros(3)), logScale = new(tensor(new[] { -1f, 0, 0.5f }));
        using var byHand = Svi.For(model, Guide.For(model).Sample(w, _ => new Normal(loc, logScale.exp())).Build(), Elbo.Trace(), p => optim.Adam(p, lr: 0.05), seed: 2);
        Parameter place = new(zeros(3));
        var scale = Param.Positive(tensor(new[] { -1f, 0, 0.5f }).exp());
        using var byName = Svi.For(model, Guide.For(model).Sample(w, _ => new Normal(place, scale)).Build(), Elbo.Trace(), p => optim.Adam(p, lr: 0.05), seed: 2);
        Assert.Equal(["place", "scale"], byName.Parameters.ByName.Keys);
        byHand.Fit(y, steps: 200);
        byName.Fit(y, steps: 200);
        Assert.True(allclose(logScale.exp(), scale.Value, rtol: 1e-4), $"{logScale.exp().cstr()} by hand, {scale.Value.cstr()} as a Param");
        // The posterior's own: precision 1 + 1 / 0.25.
        Assert.True(allclose(scale, full(3, Math.Sqrt(0.2)), rtol: 0.15), scale.Value.cstr());
    }

    [Fact]
    public void ASimplexStaysOneWhereverItsNumbersGo()
    {
        using var scope = NewDisposeScope();
        var weights = Param.In(Support.Simplex, new[] { 0.2, 0.3, 0.5 });
        Assert.True(allclose(weights.Value, tensor(new[] { 0.2f, 0.3f, 0.5f })));
        using (no_grad())
        {
            weights.Unconstrained.add_(3);
        }

        Assert.True(Support.Simplex.ContainsAll(weights));
        weights.Value[0].backward();
        Assert.True(weights.Unconstrained.grad!.abs().sum().item<float>() > 0);
        Assert.Equal("trainable, of shape (3): a vector of numbers ≥ 0 that sum to 1", weights.ToString());
    }

    [Fact]
    public void ItStandsInArithmeticWithTensors()
    {
        using var scope = NewDisposeScope();
        var scale = Param.Positive(2.0);
        Assert.Equal(6, (scale * tensor(3f)).item<float>(), 1e-5);
        Assert.True(allclose(new Normal(0, scale).Variance, tensor(4f)));
    }

    [Fact]
    public void AStartOutsideIsRefused()
    {
        using var scope = NewDisposeScope();
        Assert.StartsWith(
            "Param: the start, of shape (2), should be a real number > 0, and off the edge of that set; it is not. Give another start.",
            Assert.Throws<ArgumentException>(() => Param.Positive(new[] { 1.0, 0 })).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Param: the start, of shape (2), should be a vector of numbers ≥ 0 that sum to 1, and off the edge of that set; it is not.",
            Assert.Throws<ArgumentException>(() => Param.In(Support.Simplex, new[] { 0.5, 0.7 })).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "Param: no smooth map leads from unconstrained numbers to 0 or 1, so no gradient could train it; give the support of a continuous value.",
            Assert.Throws<ArgumentException>(() => Param.In(Support.Boolean, 1.0)).Message, StringComparison.Ordinal);
    }
}
