using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

public sealed class GeneratorTests
{
    [Fact]
    public void The_same_seed_draws_the_same_numbers()
    {
        using var first = new Generator(7);
        using var second = new Generator(7);
        using var other = new Generator(8);
        using var draw = randn([100], generator: first);
        Assert.True(draw.Equals(randn([100], generator: second)));
        Assert.False(draw.Equals(randn([100], generator: other)));
    }

    [Fact]
    public void A_saved_state_resumes_the_stream()
    {
        using var generator = new Generator(7);
        _ = randn([3], generator: generator);
        using var state = generator.get_state();
        using var next = rand([5], generator: generator);
        generator.set_state(state);
        Assert.True(next.Equals(rand([5], generator: generator)));
    }

    [Fact]
    public void Seeding_again_starts_over()
    {
        using var generator = new Generator(7);
        using var first = randint(0L, 1000L, [20L], generator: generator);
        generator.manual_seed(7);
        Assert.True(first.Equals(randint(0L, 1000L, [20L], generator: generator)));
        Assert.Equal(7, generator.initial_seed());
    }

    [Fact]
    public void The_first_normal_draws_of_a_seed_are_libtorchs()
    {
        using var generator = new Generator(0);
        Check.Close([1.5409960746765137, -0.2934289276599884, -2.1787893772125244], randn([3], generator: generator), 1e-6);
    }

    [Fact]
    public void Draws_have_the_moments_of_their_distribution()
    {
        using var generator = new Generator(3);
        const long n = 100_000;
        Assert.Equal(0.3, full(n, 0.3).bernoulli(generator).mean().ToDouble(), 0.01);
        Assert.Equal(4.0, full(n, 4.0).poisson(generator).mean().ToDouble(), 0.05);
        Assert.Equal(2.5, _standard_gamma(full(n, 2.5), generator).mean().ToDouble(), 0.05);
        Assert.Equal(0.5, empty(n).exponential_(2.0, generator).mean().ToDouble(), 0.01);
        Assert.Equal(1.5, empty(n).uniform_(1.0, 2.0, generator).mean().ToDouble(), 0.01);
        Assert.Equal(3.0, normal(3.0, 1.0, [n], generator: generator).mean().ToDouble(), 0.02);
        Check.Close([1], _sample_dirichlet(ones(4), generator).sum(), 1e-5);
        Check.Close([0.2, 0.8], tensor([0.2, 0.8]).multinomial(n, replacement: true, generator).bincount(ones(n)) / n, 0.01);
        Check.Shape(randperm(10, generator: generator), 10);
    }

    [Fact]
    public void Gamma_draws_carry_gradients_of_their_shape()
    {
        using var generator = new Generator(5);
        using var concentration = full(20_000, 2.0, requires_grad: true);
        _standard_gamma(concentration, generator).mean().backward();
        Assert.Equal(1.0, concentration.grad!.sum().ToDouble(), 0.05);
    }
}
