using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>What the log density of every family over vectors and matrices must be.</summary>
public sealed class VectorDensityTests
{
    public static TheoryData<string> Names => [.. Families.Vectors.Select(family => family.Name)];

    internal static Family Row(string name) => Families.Vectors.Single(family => family.Name == name);

    [Theory]
    [InlineData(ScalarType.Float64, 1e-6)]
    [InlineData(ScalarType.Float32, 1e-4)]
    public void Log_density_moments_and_entropy_are_those_of_torch(ScalarType dtype, double tolerance)
    {
        foreach (var row in VectorReference.Cases)
        {
            using var scope = NewDisposeScope();
            var distribution = VectorReference.Build(row.Family, row.Arguments, dtype);
            var value = tensor(row.Value, dtype).reshape(distribution.EventShape.ToArray());
            VectorReference.Near([row.LogProb], distribution.LogProb(value), tolerance, $"{row.Family} log p");
            if (row is { Mean: { } mean, Variance: { } variance, Entropy: { } entropy })
            {
                VectorReference.Near(mean, distribution.Mean, tolerance, $"{row.Family} mean");
                VectorReference.Near(variance, distribution.Variance, tolerance, $"{row.Family} variance");
                VectorReference.Near([entropy], distribution.Entropy, tolerance, $"{row.Family} entropy");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Density_integrates_to_one(string name)
    {
        var family = Row(name);
        Property.ForAll(family.Valid, arguments =>
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(arguments);
            var integral = VectorQuadrature.Over(distribution).Expect(distribution, x => ones(x.shape[0], ScalarType.Float64)).item<double>();
            Assert.True(Math.Abs(integral - 1) < 1e-4, $"{name}: {integral}");
        }, runs: 6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Moments_and_entropy_are_integrals_of_the_density(string name)
    {
        var family = Row(name);
        for (var example = 0; example < 3; example++)
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(family.Example(example));
            var quadrature = VectorQuadrature.Over(distribution);
            if (!Lacks(() => distribution.Mean))
            {
                var mean = distribution.Mean;
                Close(mean, quadrature.Expect(distribution, x => x), $"{name} mean");
                Close(distribution.Variance, quadrature.Expect(distribution, x => x.sub(mean).square()), $"{name} variance");
            }

            if (!Lacks(() => distribution.Entropy))
            {
                Close(distribution.Entropy, quadrature.Expect(distribution, x => distribution.Score(x).neg()), $"{name} entropy");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_mode_is_the_greatest_density_on_a_grid(string name)
    {
        var family = Row(name);
        var found = 0;
        for (var example = 0; example < 6; example++)
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(family.Example(example));
            if (Lacks(() => distribution.Mode))
            {
                return;
            }

            var mode = distribution.Mode;
            if (mode.isfinite().all().ToBoolean() && distribution.Support.ContainsAll(mode))
            {
                found++;
                var greatest = distribution.Score(VectorQuadrature.Over(distribution).Nodes).nan_to_num(double.NegativeInfinity).max().item<double>();
                Assert.True(distribution.Score(mode).item<double>() >= greatest - 1e-9, name);
            }
        }

        Assert.True(found > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Log_density_is_finite_at_every_draw(string name)
    {
        var family = Row(name);
        Property.ForAll(family.Valid, arguments =>
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(arguments, ScalarType.Float32);
            Assert.True(distribution.LogProb(distribution.Sample(new RandomKey(11), 200).clone()).isfinite().all().ToBoolean());
        });
    }

    /// <summary>The value moves in unconstrained space, so that it stays in the support.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_the_log_density_are_finite_differences(string name)
    {
        var family = Row(name);
        Property.ForAll(family.Valid, arguments =>
        {
            using var scope = NewDisposeScope();
            var plain = family.Build(family.Tensors(arguments));
            var transform = plain.Support.FromUnconstrained!;
            Tensor[] inputs = [.. family.Tensors(arguments), transform.Inverse(plain.Sample(new RandomKey(3))).detach()];
            foreach (var input in inputs)
            {
                input.requires_grad = true;
            }

            Tensor Score(Tensor[] from) => family.Build(from[..^1]).Score(transform.Forward(from[^1]));
            Score(inputs).backward();
            for (var i = 0; i < inputs.Length; i++)
            {
                var gradient = (inputs[i].grad is { } grad ? grad : zeros_like(inputs[i])).reshape(-1).data<double>().ToArray();
                var numeric = FiniteDifferences.Gradient(inputs, i, from => Score(from).item<double>());
                for (var j = 0; j < numeric.Length; j++)
                {
                    Assert.True(Math.Abs(numeric[j] - gradient[j]) <= 2e-5 * Math.Max(1, Math.Abs(numeric[j])), $"{name}: gradient {gradient[j]} of input {i}, {numeric[j]} by differences");
                }
            }
        }, runs: 10);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_outside_the_support_is_refused_by_family_and_place(string name)
    {
        var family = Row(name);
        var distribution = family.Scalar(family.Example(0), ScalarType.Float32);
        var inside = distribution.Sample(new RandomKey(5)).clone();
        foreach (var outside in new[] { full_like(inside, double.NaN), full_like(inside, double.PositiveInfinity), inside.sub(100) })
        {
            if (distribution.Support.ContainsAll(outside))
            {
                continue;
            }

            var error = Assert.Throws<ArgumentException>(() => distribution.LogProb(stack([inside, outside, inside])));
            Assert.StartsWith($"{distribution.Family}: a value must be ", error.Message, StringComparison.Ordinal);
            Assert.Contains(" at (1", error.Message, StringComparison.Ordinal);
        }
    }

    private static bool Lacks(Func<Tensor> quantity)
    {
        try
        {
            quantity();
            return false;
        }
        catch (NotSupportedException)
        {
            return true;
        }
    }

    private static void Close(Tensor expected, Tensor actual, string what)
    {
        var error = expected.sub(actual).abs().div(expected.abs().add(1)).max().item<double>();
        Assert.True(error < 2e-4, $"{what}: off by {error}");
    }
}
