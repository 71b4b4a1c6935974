using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Models;

/// <summary>Case E: a lambda that cannot take particles is told what to write, and that works.</summary>
public sealed class ParticleAdviceTests
{
    private const int Particles = 16;
    private const int Rows = 5;

    [Fact]
    public void AScalarBesideAVector() => Mended(
        (tau, b, _) => s => new Normal(s[b] * s[tau], 1),
        (tau, b, _) => s => new Normal(s[b] * s[tau].unsqueeze(-1), 1),
        data: zeros(3), "Beside a vector write s[tau].unsqueeze(-1) (in a site's lambda also s[tau, events: 1]): events' axes are aligned from the right.");

    [Fact]
    public void AnElementOfAVector() => Mended(
        (tau, b, _) => s => new Normal(s[b][0] * s[tau], 1),
        (tau, b, _) => s => new Normal(s[b].select(-1, 0) * s[tau], 1),
        data: zeros(1)[0], "An element of 'b' is s[b].select(-1, 0), not s[b][0];");

    // With mv, which torch refuses with an exception: THSTensor_matmul of TorchSharp 0.107 catches none, and a product that does not fit ends the process.
    [Fact]
    public void AMatrixTimesAVector() => Mended(
        (_, b, x) => s => new Normal(x.mv(s[b]), 1),
        (_, b, x) => s => new Normal(x.matmul(s[b].unsqueeze(-1)).squeeze(-1), 1),
        data: zeros(Rows), "a matrix times it is X.matmul(s[b].unsqueeze(-1)).squeeze(-1), not X.matmul(s[b]).");

    [Fact]
    public void AMatrixTimesAVectorInAPlate() => Mended(
        (_, b, x) => s => new Normal(x.mv(s[b]), 1),
        (_, b, x) => s => new Normal(s[b].mul(x).sum(-1), 1),
        data: zeros(Rows), "a matrix times it is s[b].mul(X).sum(-1), not X.matmul(s[b]).", inPlate: true);

    private static void Mended(
        Func<Latent, Latent, Tensor, Func<Scope<Tensor>, Distribution>> wrong, Func<Latent, Latent, Tensor, Func<Scope<Tensor>, Distribution>> right, Tensor data, string advice, bool inPlate = false)
    {
        using Parameter loc = new(zeros(3)), logTau = new(zeros(1)[0]);
        var x = ones(Rows, 3);
        Step(wrong, 1);
        Step(right, 1);
        Step(right, Particles);
        var problem = Assert.Single(Assert.Throws<ModelException>(() => Step(wrong, Particles)).Problems);
        Assert.Contains(advice, problem, StringComparison.Ordinal);

        void Step(Func<Latent, Latent, Tensor, Func<Scope<Tensor>, Distribution>> likelihood, int particles)
        {
            var builder = Model.Given<Tensor>("m").Sample("tau", new Normal(0, 1), out var tau).Sample("b", Normal.Standard(3), out var b);
            var model = (inPlate ? builder.Plate("rows", total: Rows) : builder).Observe("x", likelihood(tau, b, x), out _).Build();
            var guide = Guide.For(model).Sample(tau, _ => new Normal(logTau, 1)).Sample(b, _ => new Normal(loc, 1)).Build();
            using var svi = Svi.For(model, guide, Elbo.Trace(particles), p => optim.SGD(p, 0.1));
            Assert.True(double.IsFinite(svi.Step(data).Elbo));
        }
    }
}
