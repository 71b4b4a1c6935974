using FsCheck.Fluent;
using ProbVae.Tests.Distributions;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints.Transforms;

/// <summary>The properties of transforms, each over all of <see cref="TransformCases"/>.</summary>
public sealed class TransformTests
{
    private static readonly RandomKey Key = new(31);

    public static TheoryData<string> Names => TransformCases.Names;

    public static TheoryData<string> NamesOverVectors => TransformCases.NamesOverVectors;

    public static TheoryData<string> NamesOfWideRange => TransformCases.NamesOfWideRange;

    [Theory]
    [MemberData(nameof(Names))]
    public void Inverse_undoes_forward_and_forward_inverse(string name)
    {
        var row = TransformCases.ByName(name);
        var transform = row.Double();
        Property.ForAll(Gen.Choose(0, 1_000_000), seed =>
        {
            using var scope = NewDisposeScope();
            var x = row.Draw(Key.Fold(seed), [4]);
            var y = transform.Forward(x);
            var back = transform.Inverse(y);
            AssertClose(x.expand(back.shape), back, row.Tolerance);
            AssertClose(y, transform.Forward(back), row.Tolerance);
        }, runs: 10);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_log_determinant_is_that_of_the_numerical_Jacobian(string name)
    {
        var row = TransformCases.ByName(name);
        var transform = row.Double();
        Property.ForAll(Gen.Choose(0, 1_000_000), seed =>
        {
            using var scope = NewDisposeScope();
            var x = row.Draw(Key.Fold(seed), []);
            var expected = NumericalLogDeterminant(transform, x);
            var actual = transform.LogDeterminant(x, transform.Forward(x)).sum().item<double>();
            Assert.Equal(expected, actual, 1e-5 * (1 + Math.Abs(expected)));
        }, runs: 6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Images_lie_in_the_codomain_and_preimages_in_the_domain(string name)
    {
        var row = TransformCases.ByName(name);
        foreach (var dtype in new[] { ScalarType.Float64, ScalarType.Float32 })
        {
            var transform = row.Make(dtype);
            var x = row.Draw(Key, [50], dtype);
            var y = transform.Forward(x);
            Assert.Equal(dtype, y.dtype);
            Assert.True(transform.Domain.ContainsAll(x));
            Assert.True(transform.Codomain.ContainsAll(y), $"{dtype}: {transform.Codomain}");
            Assert.True(transform.Domain.ContainsAll(transform.Inverse(y)), $"{dtype}: {transform.Domain}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Shapes_are_told_before_and_elements_are_independent_of_their_batch(string name)
    {
        var row = TransformCases.ByName(name);
        var transform = row.Double();
        Property.ForAll(Property.Shapes, batch =>
        {
            using var scope = NewDisposeScope();
            var x = row.Draw(Key, batch);
            var y = transform.Forward(x);
            var determinant = transform.LogDeterminant(x, y);
            var (domainRank, codomainRank) = (transform.Domain.EventRank, transform.Codomain.EventRank);
            Assert.Equal(new Shape(y.shape), transform.ForwardShape(new Shape(x.shape)));
            Assert.Equal(new Shape(x.shape), transform.InverseShape(new Shape(y.shape)));
            Assert.Equal(new Shape(y.shape)[..^codomainRank], new Shape(determinant.shape));
            Assert.Equal(new Shape(x.shape)[..^domainRank], new Shape(determinant.shape));
            if (batch.Rank == 0 || batch.Count == 0)
            {
                return;
            }

            // The first element alone is what it is among the others.
            AssertClose(y[0], transform.Forward(x[0]), 1e-12);
            AssertClose(determinant[0], transform.LogDeterminant(x[0], y[0]), 1e-12);
            AssertClose(transform.Inverse(y)[0], transform.Inverse(y[0]), 1e-12);
        }, runs: 6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_forward_and_of_the_log_determinant_match_finite_differences(string name)
    {
        var row = TransformCases.ByName(name);
        var transform = row.Double();
        var element = row.Draw(Key, []);
        var coordinates = FreeCoordinates.Of(transform.Domain, element);
        Tensor At(Tensor free)
        {
            var x = FreeCoordinates.Element(transform.Domain, free, element);
            var y = transform.Forward(x);
            // Unequal weights, so that no gradient cancels: probabilities sum to 1 whatever x is.
            var weights = linspace(0.5, 2, y.numel(), ScalarType.Float64).reshape(y.shape);
            return y.mul(weights).sum().add(transform.LogDeterminant(x, y).sum());
        }

        var leaf = coordinates.detach().clone().requires_grad_(true);
        At(leaf).backward();
        var expected = FiniteDifferences.Gradient([coordinates], 0, inputs => At(inputs[0]).item<double>(), 1e-5);
        var actual = leaf.grad!.data<double>().ToArray();
        foreach (var (wanted, received) in expected.Zip(actual))
        {
            Assert.Equal(wanted, received, 2e-6 * (1 + Math.Abs(wanted)));
        }
    }

    [Theory]
    [MemberData(nameof(NamesOfWideRange))]
    public void At_plus_and_minus_100_in_float32_nothing_overflows(string name)
    {
        var row = TransformCases.ByName(name);
        var transform = row.Make(ScalarType.Float32);
        var fromReal = transform.Domain.FromUnconstrained!;
        var shape = fromReal.InverseShape(row.Element);
        foreach (var size in new[] { 30f, 100f })
        {
            foreach (var signs in new[] { ones(shape.ToArray()), ones(shape.ToArray()).neg(), Alternating(shape) })
            {
                // Domains with bounds are reached from the unconstrained side; matrices there are singular at 100.
                var x = fromReal is IdentityTransform or IndependentTransform { Each: IdentityTransform } ? signs.mul(size) : fromReal.Forward(signs.mul(Math.Min(size, 3)));
                x = x.detach().requires_grad_(true);
                var y = transform.Forward(x);
                var determinant = transform.LogDeterminant(x, y);
                Assert.True(y.isfinite().all().ToBoolean(), $"y at {size}: {y.cstr()}");
                Assert.True(determinant.isfinite().all().ToBoolean(), $"log |det| at {size}: {determinant.cstr()}");
                Assert.True(transform.Codomain is PositiveDefinite || transform.Codomain.ContainsAll(y), $"{transform.Codomain} at {size}: {y.cstr()}");
                Assert.True(transform.Codomain is PositiveDefinite || transform.Inverse(y).isfinite().all().ToBoolean(), $"x again at {size}");
                y.sum().add(determinant.sum()).backward();
                Assert.True(x.grad!.isfinite().all().ToBoolean(), $"gradient at {size}: {x.grad!.cstr()}");
            }
        }
    }

    /// <summary>Float32 against float64 where float64 has digits to spare.</summary>
    [Theory]
    [MemberData(nameof(NamesOverVectors))]
    public void Log_determinants_keep_their_digits_in_float32(string name)
    {
        var row = TransformCases.ByName(name);
        var narrow = row.Draw(Key, [20], ScalarType.Float32, scale: 3);
        var (single, exact) = (row.Make(ScalarType.Float32), row.Double());
        var wide = narrow.to(ScalarType.Float64);
        var expected = exact.LogDeterminant(wide, exact.Forward(wide));
        var actual = single.LogDeterminant(narrow, single.Forward(narrow)).to(ScalarType.Float64);
        AssertClose(expected, actual, 1e-4);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(-40)]
    public void A_positive_definite_matrix_and_its_determinant_are_finite_in_float32(float size)
    {
        var transform = Support.PositiveDefinite.FromUnconstrained!;
        var x = full([6], size).requires_grad_(true);
        var y = transform.Forward(x);
        var determinant = transform.LogDeterminant(x, y);
        determinant.backward();
        Assert.True(y.isfinite().all().ToBoolean());
        Assert.Equal(3 * Math.Log(2) + 9 * size, determinant.item<float>(), 1e-3);
        Assert.True(x.grad!.isfinite().all().ToBoolean());
    }

    private static Tensor Alternating(Shape shape) =>
        tensor(Enumerable.Range(0, (int)shape.Count).Select(i => i % 2 == 0 ? 1f : -1f).ToArray()).reshape(shape.ToArray());

    private static double NumericalLogDeterminant(Transform transform, Tensor x)
    {
        const double step = 1e-5;
        var coordinates = FreeCoordinates.Of(transform.Domain, x);
        var columns = Enumerable.Range(0, (int)coordinates.numel()).Select(i =>
        {
            Tensor Image(double shift)
            {
                var moved = coordinates.clone();
                moved[i] = moved[i] + shift;
                return FreeCoordinates.Of(transform.Codomain, transform.Forward(FreeCoordinates.Element(transform.Domain, moved, x)));
            }

            return Image(step).sub(Image(-step)).div(2 * step);
        }).ToArray();
        using var noGrad = no_grad();
        return linalg.slogdet(stack(columns, 1)).Item2.item<double>();
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        var excess = actual.sub(expected).abs().div(expected.abs().add(1)).max().item<double>();
        Assert.True(excess <= tolerance, $"differs by {excess} relative to 1 + |expected|");
    }
}
