using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>What draws of vectors and matrices must be. Seeds are fixed; each bound states its false-alarm rate for a new seed.</summary>
public sealed class VectorSamplingTests
{
    private static readonly RandomKey Key = new(20240607);

    public static TheoryData<string> Names => VectorDensityTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Draws_lie_in_the_support(string name)
    {
        var family = VectorDensityTests.Row(name);
        Property.ForAll(family.Valid, arguments =>
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(arguments, ScalarType.Float32);
            Assert.True(distribution.Support.ContainsAll(distribution.Sample(Key, 2000)));
        });
    }

    /// <summary>
    /// The mean over n = 40,000 draws of cos and sin of random directions w in unconstrained space against the integral: the values of
    /// the characteristic function, which determine the distribution. Five standard errors each: a false alarm in 1.7 million.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Draws_follow_the_density(string name)
    {
        const int n = 40_000;
        var family = VectorDensityTests.Row(name);
        for (var example = 0; example < 2; example++)
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(family.Example(example));
            var quadrature = VectorQuadrature.Over(distribution);
            var draws = VectorQuadrature.Flat(distribution.Support.FromUnconstrained!.Inverse(distribution.Sample(Key.Fold(example), n).detach()));
            var directions = randn([draws.shape[1], 12], ScalarType.Float64, generator: new Generator(5));

            Tensor Functions(Tensor unconstrained)
            {
                var phase = unconstrained.matmul(directions);
                return cat([phase.cos(), phase.sin()], -1);
            }

            Within(Functions(draws), quadrature.Expect(distribution, Functions(quadrature.Unconstrained)), 1e-4, $"{name} characteristic function");
        }
    }

    /// <summary>Five standard errors of the mean and of the variance at n = 60,000: a false alarm in 1.7 million for each element.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Moments_of_draws_are_integrals_of_the_density(string name)
    {
        const int n = 60_000;
        var family = VectorDensityTests.Row(name);
        using var scope = NewDisposeScope();
        var distribution = family.Scalar(family.Example(1));
        var quadrature = VectorQuadrature.Over(distribution);
        var mean = quadrature.Expect(distribution, x => x);
        var centred = distribution.Sample(Key, n).detach().sub(mean);
        Within(centred, zeros_like(mean), 1e-4, $"{name} mean");
        Within(centred.square(), quadrature.Expect(distribution, x => x.sub(mean).square()), 1e-3, $"{name} variance");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_key_gives_the_same_draws_and_another_key_others(string name)
    {
        var distribution = VectorDensityTests.Row(name).Batch([10]);
        Assert.True(distribution.Sample(Key, 3).Equals(distribution.Sample(Key, 3)));
        Assert.False(distribution.Sample(Key, 3).Equals(distribution.Sample(Key.Fold(1), 3)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Only_reparameterized_families_draw_with_gradients(string name)
    {
        var family = VectorDensityTests.Row(name);
        var inputs = family.Tensors(family.Example(0));
        foreach (var input in inputs)
        {
            input.requires_grad = true;
        }

        var distribution = family.Build(inputs);
        Assert.Equal(family.Pathwise, distribution.IsReparameterized);
        Assert.Equal(family.Pathwise, distribution.Sample(Key, 3).requires_grad);
        using var noGrad = no_grad();
        Assert.False(distribution.Sample(Key, 3).requires_grad);
    }

    /// <summary>
    /// The mean of dx/dθ ∇f(x) over n = 40,000 draws against differences of E f by quadrature, f(x) = Σ log(1 + xₖ²) + sin(k xₖ): within
    /// five standard errors (a false alarm in 1.7 million for each number of θ) and 0.3% for the rational approximation in torch's gradient
    /// of the gamma draw.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Pathwise_gradients_are_gradients_of_the_expectation(string name)
    {
        const int n = 40_000;
        var family = VectorDensityTests.Row(name);
        for (var example = 0; family.Pathwise && example < 2; example++)
        {
            using var scope = NewDisposeScope();
            var arguments = family.Example(example);
            var inputs = family.Repeated(arguments, [n]);
            foreach (var input in inputs)
            {
                input.requires_grad = true;
            }

            Smooth(family.Build(inputs).Sample(Key.Fold(example))).sum().backward();
            var quadrature = VectorQuadrature.Over(family.Scalar(arguments));
            for (var i = 0; i < inputs.Length; i++)
            {
                var exact = tensor(FiniteDifferences.Gradient(family.Tensors(arguments), i, Expectation, step: 1e-4));
                Within(inputs[i].grad!.reshape(n, -1), exact, 3e-3, $"{name}, gradient in {family.Arguments[i].Name}");
            }

            // The nodes stay where they are: the density alone moves.
            double Expectation(Tensor[] from) => quadrature.Expect(family.Build(from), Smooth).item<double>();
        }

        static Tensor Smooth(Tensor x)
        {
            var flat = x.dim() == 1 ? x.unsqueeze(-1) : x.flatten(1);
            var k = arange(1, flat.shape[1] + 1, dtype: ScalarType.Float64);
            return flat.square().log1p().add(flat.mul(k).sin()).sum(-1);
        }
    }

    private static void Within(Tensor terms, Tensor expected, double relative, string what)
    {
        var (mean, error) = (terms.mean([0]), terms.var(0L).div(terms.shape[0]).sqrt());
        var excess = mean.sub(expected).abs().sub(error.mul(5)).sub(expected.abs().mul(relative)).max().item<double>();
        Assert.True(excess <= 1e-5, $"{what}: {Text(mean)} by draws, {Text(expected)} expected, ± {Text(error)}");
    }

    private static string Text(Tensor numbers) => $"[{string.Join(", ", numbers.detach().reshape(-1).data<double>().ToArray())}]";
}
