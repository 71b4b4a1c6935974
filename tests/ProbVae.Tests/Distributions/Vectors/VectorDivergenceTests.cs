using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>The closed forms of KL(q ‖ p) over vectors and matrices.</summary>
public sealed class VectorDivergenceTests
{
    private static readonly KlRegistry Registry = KlRegistry.Standard;

    public static TheoryData<string, string> Pairs { get; } = new()
    {
        { "Dirichlet", "Dirichlet" },
        { "MultivariateNormal by scaleTril", "MultivariateNormal by scaleTril" },
        { "MultivariateNormal by covariance", "MultivariateNormal by precision" },
        { "MultivariateNormal by precision", "MultivariateNormal by covariance" },
        { "MultivariateNormal by scaleTril", "LowRankMultivariateNormal" },
        { "LowRankMultivariateNormal", "MultivariateNormal by scaleTril" },
        { "LowRankMultivariateNormal", "LowRankMultivariateNormal" },
        { "Wishart by covariance", "Wishart by precision" },
        { "Wishart by scaleTril", "Wishart by scaleTril" },
        { "Normal through exp", "Normal through exp" },
        { "MultivariateNormal through exp", "MultivariateNormal through exp" },
        { "Normal vector of 3", "MultivariateNormal by scaleTril" },
        { "Normal vector of 3", "LowRankMultivariateNormal" },
        { "MultivariateNormal by scaleTril", "Normal vector of 3" },
        { "LowRankMultivariateNormal", "Normal vector of 3" },
    };

    [Fact]
    public void Divergences_are_those_of_torch()
    {
        Assert.Equal(6, VectorReference.Divergences.Count);
        foreach (var row in VectorReference.Divergences)
        {
            foreach (var (dtype, tolerance) in new[] { (ScalarType.Float64, 1e-6), (ScalarType.Float32, 1e-4) })
            {
                var divergence = Registry.Divergence(VectorReference.Build(row.Family, row.First, dtype), VectorReference.Build(row.Family, row.Second, dtype))!;
                VectorReference.Near([row.Divergence], divergence, tolerance, $"KL of {row.Family}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Closed_forms_are_the_integral(string first, string second)
    {
        for (var example = 0; example < 3; example++)
        {
            using var scope = NewDisposeScope();
            var (left, right) = (Row(first), Row(second));
            var (q, p) = (left.Scalar(left.Example(example)), right.Scalar(right.Example(example + 1)));
            var closed = Registry.Divergence(q, p)!.item<double>();
            var integral = VectorQuadrature.Over(q).Expect(q, x => q.Score(x).sub(p.Score(x))).item<double>();
            Assert.True(Math.Abs(closed - integral) <= 1e-4 * Math.Max(1, integral), $"KL({first} ‖ {second}): {closed} in closed form, {integral} by quadrature");
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Gradients_of_divergences_are_finite_differences(string first, string second)
    {
        using var scope = NewDisposeScope();
        var (q, p) = (Row(first), Row(second));
        var inputs = q.Tensors(q.Example(0)).Concat(p.Tensors(p.Example(1))).ToArray();
        foreach (var input in inputs)
        {
            input.requires_grad = true;
        }

        Tensor Divergence(Tensor[] from) => Registry.Divergence(q.Build(from[..q.Arguments.Length]), p.Build(from[q.Arguments.Length..]))!;
        Divergence(inputs).backward();
        for (var i = 0; i < inputs.Length; i++)
        {
            var numeric = FiniteDifferences.Gradient(inputs, i, from => Divergence(from).item<double>());
            var gradient = inputs[i].grad!.reshape(-1).data<double>().ToArray();
            for (var j = 0; j < numeric.Length; j++)
            {
                Assert.True(Math.Abs(numeric[j] - gradient[j]) <= 1e-5 * Math.Max(1, Math.Abs(numeric[j])), $"KL({first} ‖ {second}): gradient {gradient[j]} of input {i}, {numeric[j]} by differences");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Event_axes_are_summed_and_batches_broadcast(string first, string second)
    {
        var (q, p) = (Row(first).Batch([2, 3]), Row(second).Batch([3]));
        var plain = Registry.Divergence(q, p)!;
        Assert.Equal(new Shape([2, 3]), new Shape(plain.shape));
        Close(plain.sum(dim: -1), Registry.Divergence(q.ToEvent(), p.ToEvent())!);
        Close(plain.sum().expand(4), Registry.Divergence(q.Expand([4, 2, 3]).ToEvent(2), p.Expand([2, 3]).ToEvent(2))!);

        static void Close(Tensor expected, Tensor actual)
        {
            Assert.Equal(new Shape(expected.shape), new Shape(actual.shape));
            Assert.True(expected.sub(actual).abs().le(1e-9).all().ToBoolean());
        }
    }

    [Fact]
    public void A_distribution_has_no_divergence_from_itself()
    {
        foreach (var family in Families.Vectors.Where(family => Registry.Has(family.Batch([1]), family.Batch([1]))))
        {
            var distribution = family.Batch([20]);
            Assert.True(Registry.Divergence(distribution, distribution)!.abs().le(1e-10).all().ToBoolean(), family.Name);
        }
    }

    [Fact]
    public void Different_transforms_have_no_closed_form()
    {
        var normal = new Normal(0, 1);
        var (q, p) = (new TransformedDistribution(normal, new AffineTransform(0, 2)), new TransformedDistribution(normal, new AffineTransform(0, 3)));
        Assert.False(Registry.Has(q, p));
        Assert.Null(Registry.Divergence(q, p));
        Assert.True(Registry.Has(q, q));
    }

    private static Family Row(string name) => name == "Normal vector of 3"
        ? new(name, [new("loc", 3, units => units), new("scale", 3, units => [.. units.Select(unit => unit + 0.3)])], a => new Normal(a[0], a[1]).ToEvent())
        : VectorDensityTests.Row(name);
}
