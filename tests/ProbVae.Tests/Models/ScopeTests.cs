using static TorchSharp.torch;

namespace ProbVae.Tests.Models;

public sealed class ScopeTests
{
    /// <summary>A scale of each row beside a vector of each row, without particles and with them.</summary>
    [Fact]
    public void ANumberStandsBesideAnEvent()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("scaled").Sample("tau", new HalfNormal(1), out var tau).Plate("rows", total: 4)
            .Sample("own", new HalfNormal(1), out var own).Sample("z", Normal.Standard(3), out var z)
            .Observe("x", s => new Normal(s[tau, events: 1] * s[own, events: 1] * s[z], 1), out var x).Build();
        using var data = zeros(4, 3);
        using (no_grad())
        {
            var trace = model.Trace(data, new RandomKey(1));
            var expected = trace.Find(tau)!.Value * trace.Find(own)!.Value.unsqueeze(-1) * trace.Find(z)!.Value;
            Assert.True(allclose(expected, trace.Find(x)!.Distribution.Mean));
        }

        using var svi = Svi.For(model, Guide.AutoNormal(model, data), Elbo.Trace(particles: 5), p => optim.Adam(p));
        Assert.True(double.IsFinite(svi.Step(data).Elbo));
        Assert.Throws<ArgumentOutOfRangeException>(() => Model.Given<Tensor>("less").Sample("w", new Normal(0, 1), out var w).Observe("y", s => new Normal(s[w, events: -1], 1), out _).Build().Trace(ones(1), new RandomKey(1)));
    }
}
