using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Entropies, modes, distribution functions and their inverses, of every family that has them.</summary>
public sealed class EntropyModeCdfTests
{
    private static readonly double[] Probabilities = [1e-4, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.9999];

    public static TheoryData<string> Names => Families.Names;

    [Theory]
    [InlineData(ScalarType.Float64, 1e-6)]
    [InlineData(ScalarType.Float32, 1e-4)]
    public void Entropies_and_distribution_functions_are_those_of_torch(ScalarType dtype, double tolerance)
    {
        foreach (var row in TorchReference.Functions)
        {
            using var scope = NewDisposeScope();
            var distribution = Families.FromTorchRow(row.Family, row.Arguments, dtype);
            if (row.Entropy is { } entropy)
            {
                Near(entropy, distribution.Entropy, row.Family + " entropy");
            }

            if (row.Cdf is { } cdf)
            {
                Near(cdf, distribution.Cdf(tensor(row.Value, dtype)), row.Family + " cdf");
            }
        }

        void Near(double expected, Tensor actual, string what)
        {
            var number = actual.to(ScalarType.Float64).item<double>();
            Assert.True(Math.Abs(number - expected) <= tolerance * Math.Max(Math.Abs(expected), 0.1), $"{what}: {number} where torch gives {expected}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Entropy_is_the_mean_of_the_negative_log_density(string name) => ForExamples(name, (distribution, quadrature) =>
    {
        if (Has(() => distribution.Entropy) is { } entropy)
        {
            var integral = quadrature.Expect(distribution, x => distribution.Score(x).neg().nan_to_num());
            Assert.Equal(integral, entropy.item<double>(), 1e-6 * Math.Max(1, Math.Abs(integral)));
        }
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void No_value_is_more_probable_than_the_mode(string name) => ForExamples(name, (distribution, quadrature) =>
    {
        if (Has(() => distribution.Mode) is { } mode && distribution.Support.Contains(mode).item<bool>())
        {
            Assert.True(distribution.Score(mode).item<double>() >= distribution.Score(quadrature.Nodes).max().item<double>() - 1e-12);
        }
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Distribution_function_is_the_integral_of_the_density(string name) => ForExamples(name, (distribution, quadrature) =>
    {
        if (distribution.Support.IsDiscrete || Has(() => distribution.Cdf(distribution.Sample(new RandomKey(3), 200))) is null)
        {
            return;
        }

        var points = distribution.Sample(new RandomKey(3), 200).sort().Values;
        var integral = quadrature.Cdf(distribution, points.data<double>().ToArray());
        Assert.All(distribution.Cdf(points).data<double>().ToArray().Zip(integral), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        Assert.Equal([0.0, 1.0], distribution.Cdf(tensor([-1e300, 1e300])).data<double>().ToArray().Select(p => Math.Round(p, 9)));
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Inverse_of_the_distribution_function_is_its_inverse(string name) => ForExamples(name, (distribution, _) =>
    {
        if (distribution.Support.IsDiscrete || Has(() => distribution.InverseCdf(tensor(Probabilities))) is not { } values)
        {
            return;
        }

        Assert.True(distribution.Support.ContainsAll(values));
        Assert.All(distribution.Cdf(values).data<double>().ToArray().Zip(Probabilities), pair => Assert.Equal(pair.Second, pair.First, 1e-11));
        var ends = distribution.InverseCdf(tensor([0.0, 1.0])).data<double>().ToArray();
        Assert.True(ends[0] <= values[0].item<double>() && ends[1] >= values[-1].item<double>());
    });

    /// <summary>In the arguments, against differences.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_finite_differences(string name)
    {
        var family = Families.ByName(name);
        var inputs = family.Tensors(family.Example(1));
        var point = family.Build(inputs).Sample(new RandomKey(8)).to(ScalarType.Float64);
        Check(distribution => distribution.Entropy);
        if (!family.Scalar(family.Example(1)).Support.IsDiscrete)
        {
            Check(distribution => distribution.InverseCdf(tensor(0.3)));
        }

        Check(distribution => distribution.Cdf(point));

        void Check(Func<Distribution, Tensor> function)
        {
            if (Has(() => function(family.Build(inputs))) is null)
            {
                return;
            }

            using var scope = NewDisposeScope();
            Tensor[] leaves = [.. inputs.Select(input => input.clone().requires_grad_(true))];
            function(family.Build(leaves)).sum().backward();
            for (var i = 0; i < leaves.Length; i++)
            {
                if (family.Arguments[i].IsWhole)
                {
                    continue;
                }

                var numeric = FiniteDifferences.Gradient(inputs, i, from => function(family.Build(from)).sum().item<double>());
                var gradient = (leaves[i].grad ?? zeros_like(leaves[i])).reshape(-1).data<double>().ToArray();
                Assert.All(gradient.Zip(numeric), pair => Assert.Equal(pair.Second, pair.First, 1e-5 * Math.Max(1, Math.Abs(pair.Second))));
            }
        }
    }

    [Fact]
    public void What_a_family_lacks_is_said()
    {
        var error = Assert.Throws<NotSupportedException>(() => new VonMises(0, 1).Cdf(tensor(0.0)));
        Assert.Equal("VonMises: the cumulative distribution function has no closed form here.", error.Message);
    }

    private static void ForExamples(string name, Action<Distribution, Quadrature> check)
    {
        var family = Families.ByName(name);
        for (var example = 0; family.IsDensity && example < 3; example++)
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(family.Example(example));
            if (distribution.EventShape.Rank == 0 && distribution.Support is not Point)
            {
                check(distribution, Quadrature.Over(distribution));
            }
        }
    }

    private static Tensor? Has(Func<Tensor> function)
    {
        try
        {
            return function();
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }
}
