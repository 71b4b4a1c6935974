using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Case B4: gates, weights and probabilities of exactly 0 or 1 have the slopes that the densities have there.</summary>
public sealed class EdgeWeightTests
{
    [Theory]
    [InlineData(0.0, 0, 19.085536923187668)]
    [InlineData(0.0, 2, -1)]
    [InlineData(1.0, 0, 0.9502129316321361)]
    [InlineData(0.25, 0, 3.3069253683275086)]
    public void AGateHasItsSlope(double gate, int count, double expected)
    {
        using var scope = NewDisposeScope();
        foreach (var dtype in new[] { ScalarType.Float64, ScalarType.Float32 })
        {
            var g = tensor(gate, dtype).requires_grad_();
            var counts = Poisson.FromRate(tensor(3.0, dtype));
            // log(g + (1 − g) e⁻³) at 0 has the slope (1 − e⁻³) / (g + (1 − g) e⁻³); elsewhere it is −1/(1 − g).
            ZeroInflated.FromProbs(g, counts).LogProb(tensor((double)count, dtype)).backward();
            Assert.Equal(expected, g.grad!.ToDouble(), dtype == ScalarType.Float64 ? 1e-12 * Math.Abs(expected) : 1e-5 * Math.Abs(expected));
        }
    }

    [Fact]
    public void AGateOfABatchDoesNotSpoilItsNeighbours()
    {
        using var scope = NewDisposeScope();
        var g = tensor([0.0, 0.0, 1, 1, 0.5]).requires_grad_();
        var rate = tensor(2000.0).requires_grad_();
        var score = ZeroInflated.FromProbs(g, Poisson.FromRate(rate)).Score(tensor([0.0, 2000, 0, 2000, 0]));
        Assert.Equal([-2000, -4.7194, 0, double.NegativeInfinity, -0.6931], score.data<double>().ToArray().Select(number => Math.Round(number, 4)));
        score[TensorIndex.Slice(0, 3)].sum().add(score[4]).backward();
        var slopes = g.grad!.data<double>().ToArray();
        // e²⁰⁰⁰ is no number; what stands for it is finite.
        Assert.True(slopes[0] > 1e300 && double.IsFinite(slopes[0]));
        Assert.Equal([-1, 1, 0, 2], slopes[1..].Select(number => Math.Round(number, 9)));
        Assert.Equal(-1, rate.grad!.item<double>(), 1e-9);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AWeightOfZeroHasTheSlopeOfItsComponent(bool sameFamily)
    {
        using var scope = NewDisposeScope();
        var w = tensor([0.0, 0.4, 0.6, 0]).requires_grad_();
        var loc = tensor([0.5, 0, 2, 300]).requires_grad_();
        var weights = Categorical.FromProbs(w);
        Distribution mixture = sameFamily
            ? new MixtureSameFamily(weights, new Normal(loc, 1))
            : new Mixture(weights, [.. Enumerable.Range(0, 4).Select(k => new Normal(loc[k], 1))]);
        var score = mixture.LogProb(tensor(0.75));
        var densities = new Normal(loc.detach(), 1).LogProb(tensor(0.75)).exp();
        var sum = densities.mul(w.detach()).sum();
        Assert.Equal(sum.log().item<double>(), score.item<double>(), 1e-12);
        score.backward();
        // ∂ log Σ wₖ pₖ / ∂wₖ = pₖ / Σ wₖ pₖ.
        Assert.True(w.grad!.sub(densities.div(sum)).abs().max().item<double>() < 1e-12);
        Assert.Equal([0.0, 0], new[] { loc.grad![0].item<double>(), loc.grad![3].item<double>() });
    }

    [Fact]
    public void AVectorMixtureAndOneWithoutAnyDensityAreInOrder()
    {
        using var scope = NewDisposeScope();
        var w = tensor(new double[,] { { 0, 1 }, { 1, 0 } }).requires_grad_();
        var mixture = new MixtureSameFamily(Categorical.FromProbs(w), new Uniform(tensor([0.0, 2]), tensor([1.0, 3])));
        var score = mixture.LogProb(tensor([2.5, 2.5]));
        Assert.Equal([0, double.NegativeInfinity], score.data<double>().ToArray());
        score[0].backward();
        Assert.Equal([0.0, 1, 0, 0], w.grad!.reshape(-1).data<double>().ToArray());
    }

    [Theory]
    [InlineData("Bernoulli 0 at 0", -1)]
    [InlineData("Bernoulli 1 at 1", 1)]
    [InlineData("Binomial 0 at 0", -7)]
    [InlineData("Binomial 1 at 7", 7)]
    [InlineData("Geometric 1 at 0", 1)]
    [InlineData("Geometric 1 at 0, log", 1)]
    [InlineData("NegativeBinomial 0 at 0", -2.5)]
    [InlineData("Poisson 0 at 0", -1)]
    public void AProbabilityAtAnEndHasItsSlope(string what, double expected)
    {
        using var scope = NewDisposeScope();
        var p = tensor(what.Contains(" 1 ", StringComparison.Ordinal) ? 1.0 : 0).requires_grad_();
        var (distribution, value) = what.Split(' ')[0] switch
        {
            "Bernoulli" => ((Distribution)Bernoulli.FromProbs(p), p.item<double>()),
            "Binomial" => (Binomial.FromProbs(7, p), 7 * p.item<double>()),
            "Geometric" => (Geometric.FromProbs(p), 0),
            "NegativeBinomial" => (NegativeBinomial.FromProbs(2.5, p), 0),
            _ => (Poisson.FromRate(p), 0),
        };
        distribution.LogProb(tensor(value)).backward();
        Assert.Equal(expected, p.grad!.item<double>(), 1e-12);
    }
}
