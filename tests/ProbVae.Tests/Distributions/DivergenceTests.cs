using FsCheck.Fluent;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>The closed forms of KL(q ‖ p).</summary>
public sealed class DivergenceTests
{
    private static readonly KlRegistry Registry = KlRegistry.Standard;

    public static TheoryData<string, string> Pairs { get; } = AllPairs();

    [Fact]
    public void Divergences_are_those_of_torch()
    {
        foreach (var row in TorchReference.Divergences)
        {
            var q = Families.FromTorchRow(row.First, row.FirstArguments);
            var p = Families.FromTorchRow(row.Second, row.SecondArguments);
            var divergence = Registry.Divergence(q, p) ?? throw new InvalidOperationException($"KL({row.First} ‖ {row.Second}) is missing.");
            Assert.Equal(row.Divergence, divergence.item<double>(), 1e-6 * Math.Max(1, row.Divergence));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Closed_forms_are_the_integral(string first, string second)
    {
        foreach (var q in Examples(first))
        {
            foreach (var p in Examples(second))
            {
                using var scope = NewDisposeScope();
                var closed = Registry.Divergence(q, p)!.item<double>();
                if (!p.Support.Covers(q.Support))
                {
                    Assert.Equal(double.PositiveInfinity, closed);
                    continue;
                }

                var integral = Quadrature.Over(q).Expect(q, x => q.Score(x).sub(p.Score(x)));
                Assert.True(Math.Abs(closed - integral) <= 1e-5 * Math.Max(1, integral), $"KL({first} ‖ {second}): {closed} in closed form, {integral} by quadrature");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void No_divergence_is_negative(string first, string second)
    {
        var (q, p) = (Families.ByName(first), Families.ByName(second));
        Property.ForAll(q.Valid.Zip(p.Valid), arguments =>
        {
            using var scope = NewDisposeScope();
            Assert.True(Registry.Divergence(q.Scalar(arguments.Item1), p.Scalar(arguments.Item2))!.item<double>() >= -1e-12);
        });
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Gradients_of_divergences_are_finite_differences(string first, string second)
    {
        var (q, p) = (Families.ByName(first), Families.ByName(second));
        for (var example = 0; example < 3; example++)
        {
            using var scope = NewDisposeScope();
            var inputs = q.Tensors(q.Example(example)).Concat(p.Tensors(p.Example(example + 1))).ToArray();
            foreach (var input in inputs)
            {
                input.requires_grad = true;
            }

            Tensor Divergence(Tensor[] from) => Registry.Divergence(q.Build(from[..q.Arguments.Length]), p.Build(from[q.Arguments.Length..]))!;
            // Differences leave the simplex of probabilities, on which the divergence is checked elsewhere.
            var divergence = Divergence(inputs);
            if (double.IsInfinity(divergence.item<double>()))
            {
                continue;
            }

            divergence.backward();
            ArgumentSpec[] specs = [.. q.Arguments, .. p.Arguments];
            for (var i = 0; i < inputs.Length; i++)
            {
                if (specs[i].IsWhole)
                {
                    continue;
                }

                var numeric = FiniteDifferences.Gradient(inputs, i, from => Divergence(from).item<double>());
                var gradient = inputs[i].grad!.reshape(-1).data<double>().ToArray();
                for (var j = 0; j < numeric.Length; j++)
                {
                    Assert.True(Math.Abs(numeric[j] - gradient[j]) <= 1e-5 * Math.Max(1, Math.Abs(numeric[j])), $"KL({first} ‖ {second}): gradient {gradient[j]} of input {i}, {numeric[j]} by differences");
                }
            }
        }
    }

    [Fact]
    public void A_distribution_has_no_divergence_from_itself()
    {
        foreach (var family in Families.All)
        {
            foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
            {
                var distribution = family.Batch([20], dtype);
                if (!Registry.Has(distribution, distribution))
                {
                    continue;
                }

                var divergence = Registry.Divergence(distribution, distribution)!;
                Assert.Equal(new Shape([20]), new Shape(divergence.shape));
                Assert.True(divergence.abs().le(1e-6).all().ToBoolean(), family.Name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Event_axes_are_summed_and_batches_broadcast(string first, string second)
    {
        var (q, p) = (Families.ByName(first).Batch([2, 3]), Families.ByName(second).Batch([3]));
        var plain = Registry.Divergence(q, p)!;
        var events = Registry.Divergence(q.ToEvent(), p.ToEvent())!;
        var expanded = Registry.Divergence(q.Expand([4, 2, 3]).ToEvent(2), p.Expand([2, 3]).ToEvent(2))!;
        Assert.Equal(new Shape([2, 3]), new Shape(plain.shape));
        Assert.Equal(new Shape([2]), new Shape(events.shape));
        Assert.Equal(new Shape([4]), new Shape(expanded.shape));
        Close(plain.sum(-1), events);
        Close(plain.sum().expand(4), expanded);

        static void Close(Tensor expected, Tensor actual) =>
            Assert.True(expected.isinf().logical_and(actual.isinf()).logical_or(expected.sub(actual).abs().le(1e-9 * 10)).all().ToBoolean());
    }

    [Fact]
    public void Expanded_arguments_are_counted_once_an_element()
    {
        var q = new Normal(1, 1).Expand([5]).ToEvent();
        Assert.Equal(2.5f, Registry.Divergence(q, Normal.Standard(5))!.item<float>(), 1e-6f);
    }

    [Fact]
    public void Different_event_shapes_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Registry.Divergence(Normal.Standard(3), Normal.Standard(4)));
        Assert.Contains("the event shapes (3) and (4) differ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Different_numbers_of_categories_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Registry.Divergence(Categorical.FromLogits(zeros(3)), Categorical.FromLogits(zeros(4))));
        Assert.Contains("q has 3 categories and p has 4", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(0, 0.5, 0.6931471805599453)]
    [InlineData(1, 0.5, 0.6931471805599453)]
    [InlineData(0.5, 0, double.PositiveInfinity)]
    [InlineData(0.5, 1, double.PositiveInfinity)]
    public void Probabilities_of_0_and_1_have_divergences_without_NaN(double q, double p, double expected)
    {
        Check(Bernoulli.FromProbs, tensor(q, requires_grad: true), tensor(p, requires_grad: true));
        Check(Categorical.FromProbs, tensor([q, 1 - q], requires_grad: true), tensor([p, 1 - p], requires_grad: true));

        void Check(Func<TensorLike, Distribution> build, Tensor left, Tensor right)
        {
            var divergence = Registry.Divergence(build(left), build(right))!;
            divergence.backward();
            Assert.Equal(expected, divergence.item<double>(), 1e-12);
            Assert.False(left.grad!.isnan().any().ToBoolean());
            Assert.False(right.grad!.isnan().any().ToBoolean());
        }
    }

    [Theory]
    [InlineData(100, -100, 100)]
    [InlineData(-100, 100, 100)]
    [InlineData(100, 100, 0)]
    public void Large_logits_have_exact_divergences(float q, float p, float expected)
    {
        var logits = tensor(q, requires_grad: true);
        var divergence = Registry.Divergence(Bernoulli.FromLogits(logits), Bernoulli.FromLogits(p))!;
        divergence.backward();
        Assert.Equal(2 * expected, divergence.item<float>() + expected, 1e-4f);
        Assert.True(logits.grad!.isfinite().item<bool>());
    }

    [Fact]
    public void Bits_and_categories_mix_their_parametrizations()
    {
        Assert.Equal(0, Registry.Divergence(Bernoulli.FromProbs(0.5), Bernoulli.FromLogits(0))!.item<float>(), 1e-6f);
        Assert.Equal(0, Registry.Divergence(Categorical.FromLogits(zeros(2)), Categorical.FromProbs(new[] { 0.5, 0.5 }))!.item<float>(), 1e-6f);
    }

    private static IEnumerable<Distribution> Examples(string name)
    {
        var family = Families.ByName(name);
        var examples = Enumerable.Range(0, 3).Select(family.Example);
        // Uniforms inside other families' supports, and one that holds them.
        return (name == "Uniform" ? [.. examples, [[0.125], [0.75]], [[0], [1]], [[0], [2.5]], [[-3.5], [4]]] : examples).Select(arguments => family.Scalar(arguments));
    }

    // Every row of the table against those of its own family, and each registered pair of two families once.
    private static TheoryData<string, string> AllPairs()
    {
        var data = new TheoryData<string, string>();
        var rows = Families.All.Where(family => family.IsDensity).Select(family => (family.Name, Type: family.Scalar(family.Example(0)).GetType())).ToList();
        foreach (var (q, p) in Registry.Pairs)
        {
            var (left, right) = (rows.Where(row => row.Type == q), rows.Where(row => row.Type == p));
            foreach (var pair in from l in q == p ? left : left.Take(1) from r in q == p ? right : right.Take(1) orderby l.Name, r.Name select (l, r))
            {
                data.Add(pair.l.Name, pair.r.Name);
            }
        }

        return data;
    }
}
