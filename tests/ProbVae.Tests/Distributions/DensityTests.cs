using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>What every family's log density must be.</summary>
public sealed class DensityTests
{
    public static TheoryData<string> Names => Families.Names;

    [Theory]
    [InlineData(ScalarType.Float64, 1e-6)]
    [InlineData(ScalarType.Float32, 1e-4)]
    public void Log_density_and_moments_are_those_of_torch(ScalarType dtype, double tolerance)
    {
        foreach (var row in TorchReference.Cases)
        {
            using var scope = NewDisposeScope();
            var distribution = Families.FromTorchRow(row.Family, row.Arguments, dtype);
            Near(row.LogProb, distribution.LogProb(tensor(row.Value, dtype)), tolerance, $"{row.Family} log p({row.Value})");
            if (row is { Mean: { } mean, Variance: { } variance })
            {
                Near(mean, distribution.Mean, tolerance, $"{row.Family} mean");
                Near(variance, distribution.Variance, tolerance, $"{row.Family} variance");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Density_integrates_to_one(string name)
    {
        var family = Families.ByName(name);
        if (!family.IsDensity)
        {
            var soft = family.Scalar(family.Example(0));
            Assert.True(Math.Abs(Quadrature.Over(soft).Expect(soft, x => ones_like(x)) - 1) > 0.05);
            return;
        }

        Property.ForAll(family.Valid, arguments =>
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(arguments);
            Assert.Equal(1, Quadrature.Over(distribution).Expect(distribution, x => ones_like(x)), 1e-6);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Moments_are_integrals_of_the_density(string name)
    {
        var family = Families.ByName(name);
        if (!family.IsDensity || !family.HasMoments)
        {
            return;
        }

        Property.ForAll(family.Valid, arguments =>
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(arguments);
            var quadrature = Quadrature.Over(distribution);
            var mean = distribution.Mean.item<double>();
            Assert.Equal(mean, quadrature.Expect(distribution, x => x), 1e-5);
            Assert.Equal(distribution.Variance.item<double>(), quadrature.Expect(distribution, x => x.sub(mean).square()), 1e-4);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Log_density_is_finite_at_every_draw(string name)
    {
        var family = Families.ByName(name);
        Property.ForAll(family.Valid, arguments =>
        {
            using var scope = NewDisposeScope();
            var distribution = family.Scalar(arguments, ScalarType.Float32);
            Assert.True(distribution.LogProb(distribution.Sample(new RandomKey(11), 200)).isfinite().all().ToBoolean());
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_outside_the_support_is_refused_by_family_value_and_place(string name)
    {
        var family = Families.ByName(name);
        var distribution = family.Scalar(family.Example(0), ScalarType.Float32);
        var inside = distribution.Sample(new RandomKey(5)).to(ScalarType.Float32);
        double[] candidates = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -17.5, 0.25, 17.5];
        var refused = 0;
        foreach (var candidate in candidates)
        {
            var outside = tensor(candidate, ScalarType.Float32);
            if (distribution.Support.Contains(outside).item<bool>())
            {
                continue;
            }

            refused++;
            var error = Assert.Throws<ArgumentException>(() => distribution.LogProb(stack([inside, outside, inside])));
            Assert.Contains(distribution.Family, error.Message, StringComparison.Ordinal);
            Assert.Contains($"received {candidate.ToString("G6", CultureInfo.InvariantCulture)} at (1) of shape (3)", error.Message, StringComparison.Ordinal);
        }

        Assert.True(refused >= 3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_the_log_density_are_finite_differences(string name)
    {
        var family = Families.ByName(name);
        if (family.Scalar(family.Example(0)).Support is Point)
        {
            return;
        }

        Property.ForAll(family.Valid, arguments =>
        {
            using var scope = NewDisposeScope();
            var inputs = family.Tensors(arguments);
            var value = family.Build(inputs).Sample(new RandomKey(3));
            foreach (var input in inputs)
            {
                input.requires_grad = true;
            }

            var continuous = !family.Build(inputs).Support.IsDiscrete;
            if (continuous)
            {
                value = value.detach();
                value.requires_grad = true;
                inputs = [.. inputs, value];
            }

            Distribution Rebuild(Tensor[] from) => family.Build(from[..family.Arguments.Length]);
            double Score(Tensor[] from) => Rebuild(from).Score(continuous ? from[^1] : value).item<double>();

            Rebuild(inputs).Score(continuous ? inputs[^1] : value).backward();
            foreach (var (input, i) in inputs.Select((input, i) => (input, i)))
            {
                var gradient = (input.grad is { } grad ? grad : zeros_like(input)).reshape(-1).data<double>().ToArray();
                var numeric = FiniteDifferences.Gradient(inputs, i, Score);
                for (var j = 0; j < numeric.Length; j++)
                {
                    Assert.True(Math.Abs(numeric[j] - gradient[j]) <= 2e-5 * Math.Max(1, Math.Abs(numeric[j])), $"{name}: gradient {gradient[j]} of input {i}, {numeric[j]} by differences");
                }
            }
        });
    }

    private static void Near(double expected, Tensor actual, double tolerance, string what)
    {
        var number = actual.to(ScalarType.Float64).item<double>();
        Assert.True(Math.Abs(number - expected) <= tolerance * Math.Max(Math.Abs(expected), 0.1), $"{what}: {number} where torch gives {expected}");
    }
}
