using MathNet.Numerics.Distributions;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>The relaxed one-hot family, held against integrals over the simplex of three numbers.</summary>
public sealed class RelaxedOneHotTests
{
    private static readonly RandomKey Key = new(77);

    [Theory]
    [InlineData(0.8)]
    [InlineData(1.7)]
    public void The_density_integrates_to_one(double temperature)
    {
        var (nodes, weights) = Simplex();
        foreach (var distribution in Both(tensor(temperature), tensor([0.2, 0.5, 0.3])))
        {
            Assert.Equal(1, distribution.Score(nodes).exp().mul(weights).sum().item<double>(), 1e-6);
        }
    }

    /// <summary>P(xₖ is the greatest) = pₖ, by χ² of 40,000 draws with 2 degrees of freedom below its 1 − 1e−6 quantile; and E f by five standard errors.</summary>
    [Theory]
    [InlineData(0.8)]
    [InlineData(1.7)]
    public void Draws_follow_the_density(double temperature)
    {
        const int n = 40_000;
        var probs = tensor([0.2, 0.5, 0.3]);
        var (nodes, weights) = Simplex();
        var distribution = RelaxedOneHotCategorical.FromProbs(temperature, probs.to(ScalarType.Float32));
        var draws = distribution.Sample(Key, n);
        Assert.True(distribution.Support.ContainsAll(draws));
        var counts = draws.argmax(-1).unsqueeze(-1).eq(arange(3)).to(ScalarType.Float64).sum(dim: 0);
        Assert.True(counts.sub(probs.mul(n)).square().div(probs.mul(n)).sum().item<double>() < ChiSquared.InvCDF(2, 1 - 1e-6));
        var exact = RelaxedOneHotCategorical.FromProbs(temperature, probs).Score(nodes).exp().mul(weights).mul(Smooth(nodes)).sum().item<double>();
        var terms = Smooth(draws.to(ScalarType.Float64));
        Assert.Equal(exact, terms.mean().item<double>(), 5 * Math.Sqrt(terms.var().item<double>() / n));
    }

    /// <summary>The mean of dx/dθ f'(x) over 40,000 draws within five standard errors of differences of E f by the integral.</summary>
    [Fact]
    public void Pathwise_gradients_are_gradients_of_the_expectation()
    {
        const int n = 40_000;
        Tensor[] arguments = [tensor(1.2), tensor([0.3, -0.4, 0.8])];
        var (nodes, weights) = Simplex();
        var temperature = tensor(1.2).expand(n).clone().requires_grad_();
        var logits = arguments[1].expand(n, 3).clone().requires_grad_();
        Smooth(RelaxedOneHotCategorical.FromLogits(temperature, logits).Sample(Key)).sum().backward();
        Within(temperature.grad!, FiniteDifferences.Gradient(arguments, 0, Expectation, 1e-4)[0]);
        for (var k = 0; k < 3; k++)
        {
            Within(logits.grad!.select(-1, k), FiniteDifferences.Gradient(arguments, 1, Expectation, 1e-4)[k]);
        }

        double Expectation(Tensor[] from) => RelaxedOneHotCategorical.FromLogits(from[0], from[1]).Score(nodes).exp().mul(weights).mul(Smooth(nodes)).sum().item<double>();

        static void Within(Tensor gradients, double exact) =>
            Assert.Equal(exact, gradients.mean().item<double>(), 5 * Math.Sqrt(gradients.var().item<double>() / n) + 1e-6);
    }

    [Fact]
    public void Gradients_of_the_log_density_are_finite_differences()
    {
        Tensor[] inputs = [tensor(0.7, requires_grad: true), tensor([0.3, -0.4, 0.8], requires_grad: true), tensor([0.2, 0.7, 0.1], requires_grad: true)];
        Score(inputs).backward();
        for (var i = 0; i < inputs.Length; i++)
        {
            var numeric = tensor(FiniteDifferences.Gradient(inputs, i, from => Score(from).item<double>())).reshape(inputs[i].shape);
            Assert.True(numeric.sub(inputs[i].grad!).abs().le(1e-6).all().ToBoolean());
        }

        static Tensor Score(Tensor[] from) => RelaxedOneHotCategorical.FromLogits(from[0], from[1]).Score(from[2]);
    }

    [Fact]
    public void Shapes_follow_the_laws_and_arguments_are_held_against_their_ranges()
    {
        var distribution = RelaxedOneHotCategorical.FromLogits(ones(2, 1), zeros(3, 4)).Expand([5, 2, 3]).ToEvent();
        var draws = distribution.Sample(Key, 6);
        Assert.Equal(new Shape([6, 5, 2, 3, 4]), new Shape(draws.shape));
        Assert.Equal(new Shape([6, 5, 2]), new Shape(distribution.LogProb(draws).shape));
        Assert.Throws<NotSupportedException>(() => distribution.Mean);
        Assert.Throws<NotSupportedException>(() => distribution.Variance);
        Assert.Throws<ArgumentException>(() => RelaxedOneHotCategorical.FromLogits(0, zeros(3)).Sample(Key));
        var error = Assert.Throws<ArgumentException>(() => RelaxedOneHotCategorical.FromProbs(1, new[] { 0.5, 0.0, 0.5 }));
        Assert.StartsWith("RelaxedOneHotCategorical: probs must be greater than 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("received 0 at (1) of shape (3)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_low_temperature_gives_finite_densities_in_single_precision()
    {
        var distribution = RelaxedOneHotCategorical.FromLogits(0.02, new[] { 5.0, -5, 0, 1 });
        var draws = distribution.Sample(Key, 50_000);
        Assert.True(distribution.Support.ContainsAll(draws));
        Assert.True(distribution.LogProb(draws).isfinite().all().ToBoolean());
        var bits = RelaxedBernoulli.FromLogits(0.02, 3);
        var relaxed = bits.Sample(Key, 50_000);
        Assert.True(bits.LogProb(relaxed).isfinite().all().ToBoolean());
        Assert.Equal(1 / (1 + Math.Exp(-3)), relaxed.gt(0.5).to(ScalarType.Float32).mean().item<float>(), 5 * 0.5 / Math.Sqrt(50_000));
    }

    private static Distribution[] Both(Tensor temperature, Tensor probs) =>
        [RelaxedOneHotCategorical.FromProbs(temperature, probs), RelaxedOneHotCategorical.FromLogits(temperature, probs.log().add(2))];

    private static Tensor Smooth(Tensor x) => x.select(-1, 0).square().add(x.select(-1, 1).mul(3).sin()).add(x.select(-1, 2).exp());

    // x = softmax(u, v, 0), dx₁ dx₂ = x₁ x₂ x₃ du dv.
    private static (Tensor Nodes, Tensor Weights) Simplex()
    {
        const double step = 0.1;
        var axis = arange(-30.0, 30.0, step, ScalarType.Float64);
        var (u, v) = (axis.unsqueeze(1).expand(600, 600), axis.unsqueeze(0).expand(600, 600));
        var nodes = stack([u, v, zeros_like(u)], -1).softmax(-1);
        return (nodes, nodes.prod(-1).mul(step * step));
    }
}
