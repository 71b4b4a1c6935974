using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints.Transforms;

/// <summary>Case B5: Dirichlet densities of what stick breaking made come from log x, where x itself has rounded to 0.</summary>
public sealed class SparseSimplexTests
{
    [Theory]
    [InlineData(-90, ScalarType.Float32)]
    [InlineData(-1000, ScalarType.Float32)]
    [InlineData(1000, ScalarType.Float32)]
    [InlineData(-1000, ScalarType.Float64)]
    [InlineData(1000, ScalarType.Float64)]
    public void TheDensityOfUncontrainedNumbersIsALineFarOut(double at, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var u = tensor([at], dtype).requires_grad_();
        var transform = Support.Simplex.FromUnconstrained!;
        var x = transform.Forward(u);
        var density = new Dirichlet(tensor([0.1, 0.1], dtype)).LogProb(x).add(transform.LogDeterminant(u, x));
        density.backward();
        // With α = 0.1 twice it is −log B(α, α) + α log σ(u) + α log σ(−u): far out −0.1 |u| beside the constant.
        var constant = Gamma(0.2) - 2 * Gamma(0.1);
        Assert.Equal(constant - 0.1 * Math.Abs(at), density.ToDouble(), 1e-5 * Math.Abs(at));
        Assert.Equal(-0.1 * Math.Sign(at), u.grad!.ToDouble(), 1e-6);
        Assert.Equal(at, transform.Inverse(x).ToDouble(), 1e-3);

        static double Gamma(double a) => MathNet.Numerics.SpecialFunctions.GammaLn(a);
    }

    [Fact]
    public void FromLogarithmsAndFromNumbersIsTheSame()
    {
        using var scope = NewDisposeScope();
        var u = tensor(new[,] { { 0.3, -1.2, 2 }, { -4, 0.1, 0.5 } }).requires_grad_();
        var alpha = tensor([0.5, 1, 2, 3.5]).requires_grad_();
        var transform = new StickBreakingTransform();
        var x = transform.Forward(u);
        Tensor Slopes(Tensor value)
        {
            var found = Gradients.Of(new Dirichlet(alpha).LogProb(value).sum(), [u, alpha], keepGraph: true);
            return cat([found[0].reshape(-1), found[1]], 0);
        }

        // The same numbers in a tensor that nothing is known of.
        Assert.True(Slopes(x).sub(Slopes(x.mul(1))).abs().max().item<double>() < 1e-12);
        Assert.True(transform.Inverse(x).sub(transform.Inverse(x.mul(1))).abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void ADrawOfASparseDirichletHasTheDensityOfItsLogarithms()
    {
        using var scope = NewDisposeScope();
        var dirichlet = new Dirichlet(full(50, 0.02f));
        var draws = dirichlet.Sample(new RandomKey(1), 2000);
        Assert.True(draws.lt(1e-30).any().ToBoolean());
        // E log p is the negative entropy: Σ (α − 1) log x has a standard deviation of some 350, and 2,000 draws a standard error of 8.
        Assert.Equal(-dirichlet.Entropy.ToDouble(), dirichlet.LogProb(draws).mean().ToDouble(), 40.0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ASparseDirichletTrains(bool joint)
    {
        // Counts of three of fifty categories; the posterior is Dirichlet(0.02 + counts) and the evidence the Dirichlet-multinomial mass.
        using var scope = NewDisposeScope();
        var counts = zeros(50);
        counts[3] = 40;
        counts[17] = 25;
        counts[49] = 5;
        var model = Model.Given<Tensor>("topics")
            .Sample("p", new Dirichlet(full(50, 0.02f)), out var p)
            .Observe("counts", s => Multinomial.FromProbs(70, s[p]), out _)
            .Build();
        Guide<Tensor> guide = joint ? Guide.AutoMultivariateNormal(model, counts) : Guide.AutoNormal(model, counts);
        using var svi = Svi.For(model, guide, Elbo.Trace(particles: 4), Inferences.Adam(0.05), seed: 1);
        var first = Enumerable.Range(0, 20).Select(_ => svi.Step(counts).Elbo).Average();
        for (var step = 0; step < 600; step++)
        {
            svi.Step(counts);
        }

        var last = Enumerable.Range(0, 20).Select(_ => svi.Step(counts).Elbo).Average();
        Assert.True(last > first + 100, $"The ELBO went from {first} to {last}.");
    }
}
