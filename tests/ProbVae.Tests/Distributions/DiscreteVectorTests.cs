using MathNet.Numerics.Distributions;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Distributions;

/// <summary>Families whose values are vectors of counts or bits: every value can be counted out.</summary>
public sealed class DiscreteVectorTests
{
    private static readonly RandomKey Key = new(31);

    private static readonly Row[] Rows =
    [
        new("OneHotCategorical by probs", [[0.2, 0.5, 0.3]], a => OneHotCategorical.FromProbs(a[0]), eye(3, dtype: ScalarType.Float64), "probs", [0.5, 0.6, 0.1], HasEntropy: true),
        new("OneHotCategorical by logits", [[0.2, -1.5, 1]], a => OneHotCategorical.FromLogits(a[0]), eye(3, dtype: ScalarType.Float64), "logits", [0, double.NaN, 0], HasEntropy: true),
        new("Multinomial by probs", [[5], [0.2, 0.5, 0.3]], a => Multinomial.FromProbs(a[0], a[1]), Counts(5, 3), "probs", [0.5, 0.6, 0.1], HasEntropy: true),
        new("Multinomial by logits", [[5], [0.2, -0.5, 0.4]], a => Multinomial.FromLogits(a[0], a[1]), Counts(5, 3), "logits", [0, double.NaN, 0], HasEntropy: true),
        new("DirichletMultinomial", [[6], [0.7, 2, 1.2]], a => new DirichletMultinomial(a[0], a[1]), Counts(6, 3), "concentration", [1, -0.5, 1]),
        new("Empirical", [[1.5, -2, 1.5, 0.25], [0.5, 1, -1, 0]], a => new Empirical(a[0], a[1]), tensor([-2, 0.25, 1.5]), "values", [1, double.NaN, 0, 0], HasEntropy: true),
    ];

    public static TheoryData<string> Names { get; } = [.. Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Masses_sum_to_one_and_give_moments_and_entropy(string name)
    {
        var row = ByName(name);
        var distribution = row.Build(row.Tensors());
        var mass = distribution.LogProb(row.Atoms).exp();
        Assert.Equal(1, mass.sum().item<double>(), 1e-12);
        var weights = row.Atoms.dim() == 1 ? mass : mass.unsqueeze(-1);
        var mean = row.Atoms.mul(weights).sum(dim: 0);
        Close(mean, distribution.Mean, 1e-12);
        Close(row.Atoms.sub(mean).square().mul(weights).sum(dim: 0), distribution.Variance, 1e-12);
        if (row.HasEntropy)
        {
            Close(mass.mul(mass.log()).sum().neg(), distribution.Entropy, 1e-12);
        }
    }

    /// <summary>Pearson's χ² of 40,000 draws below its 1 − 1e−6 quantile.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Draws_lie_in_the_support_and_follow_the_masses(string name)
    {
        const int n = 40_000;
        var row = ByName(name);
        var distribution = row.Build(row.Tensors(ScalarType.Float32));
        var draws = distribution.Sample(Key, n);
        Assert.Equal(ScalarType.Float32, draws.dtype);
        Assert.True(distribution.Support.ContainsAll(draws));
        Assert.True(draws.Equals(distribution.Sample(Key, n)));
        var atoms = row.Atoms.reshape(row.Atoms.shape[0], -1);
        var equal = draws.to(ScalarType.Float64).reshape(n, 1, -1).eq(atoms).all(-1);
        var counts = equal.to(ScalarType.Float64).sum(dim: 0);
        Assert.Equal(n, counts.sum().item<double>());
        var expected = row.Build(row.Tensors()).LogProb(row.Atoms).exp().mul(n);
        Assert.True(expected.min().item<double>() > 5);
        var statistic = counts.sub(expected).square().div(expected).sum().item<double>();
        Assert.True(statistic < ChiSquared.InvCDF(expected.numel() - 1, 1 - 1e-6), $"{name}: χ² = {statistic}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_the_log_mass_are_finite_differences(string name)
    {
        var row = ByName(name);
        var inputs = row.Tensors();
        var last = inputs.Length - 1;
        inputs[last].requires_grad = true;
        row.Build(inputs).Score(row.Atoms).cos().sum().backward();
        var numeric = FiniteDifferences.Gradient(inputs, last, from => row.Build(from).Score(row.Atoms).cos().sum().item<double>());
        Close(tensor(numeric), inputs[last].grad!, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Shapes_follow_the_laws(string name)
    {
        var row = ByName(name);
        Tensor[] inputs = [.. row.Tensors().Select((one, i) => one.expand([2, 1, .. one.shape]).clone())];
        var plain = row.Build(inputs);
        var one = new Shape(row.Atoms.shape)[1..];
        var distribution = plain.Expand([4, 2, 3]).ToEvent(2);
        var draws = distribution.Sample(Key, 5);
        Assert.Equal(new Shape([4]), distribution.BatchShape);
        Assert.Equal(new Shape([2, 3]) + one, distribution.EventShape);
        Assert.Equal(new Shape([5, 4, 2, 3]) + one, new Shape(draws.shape));
        Assert.Equal(new Shape([4, 2, 3]) + one, new Shape(distribution.Mean.shape));
        Assert.Equal(new Shape([4, 2, 3]) + one, new Shape(distribution.Variance.shape));
        Assert.Equal(new Shape([5, 4]), new Shape(distribution.LogProb(draws).shape));
        Close(plain.Expand([4, 2, 3]).LogProb(draws).sum(-1, -2), distribution.LogProb(draws), 1e-10);
        Assert.False(distribution.IsReparameterized);
        if (row.HasEntropy)
        {
            Close(plain.Entropy.sum().mul(3).expand(4), distribution.Entropy, 1e-10);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_and_arguments_outside_are_refused(string name)
    {
        var row = ByName(name);
        var distribution = row.Build(row.Tensors());
        var value = row.Atoms.clone();
        value[1] = value[1].add(0.5);
        var error = Assert.Throws<ArgumentException>(() => distribution.LogProb(value));
        Assert.Matches($@"^{distribution.Family}: a value must be .*at \(1\) of shape \({row.Atoms.shape[0]}", error.Message);

        var inputs = row.Tensors();
        var place = Array.FindIndex(row.Arguments, argument => argument.Length == row.Invalid.Length);
        inputs[place] = tensor(row.Invalid);
        error = Assert.Throws<ArgumentException>(() => row.Build(inputs).Sample(Key));
        Assert.StartsWith($"{distribution.Family}: {row.InvalidName} must be ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Divergences_are_sums(string name)
    {
        var row = ByName(name);
        var (left, right) = (row.Tensors(), row.Tensors());
        right[^1] = row.InvalidName == "probs" ? tensor([0.6, 0.1, 0.3]) : right[^1].mul(0.5);
        var (q, p) = (row.Build(left), row.Build(right));
        if (KlRegistry.Standard.Divergence(q, p) is not { } closed)
        {
            Assert.Contains(name, new[] { "DirichletMultinomial", "Empirical" });
            return;
        }

        var (logQ, logP) = (q.LogProb(row.Atoms), p.LogProb(row.Atoms));
        Close(logQ.exp().mul(logQ.sub(logP)).sum(), closed, 1e-12);
        var events = KlRegistry.Standard.Divergence(q.Expand([2, 3]).ToEvent(), p.Expand([3]).Expand([2, 3]).ToEvent())!;
        Close(closed.mul(3).expand(2), events, 1e-12);
    }

    [Fact]
    public void A_category_of_probability_0_is_scored_and_never_counted()
    {
        foreach (var build in new Func<Tensor, Distribution>[] { p => OneHotCategorical.FromProbs(p), p => Multinomial.FromProbs(7, p), p => OneHotCategorical.FromLogits(p.log()), p => Multinomial.FromLogits(7, p.log()) })
        {
            var probs = tensor([0.5f, 0f, 0.5f, 0f], requires_grad: true);
            var distribution = build(probs);
            var draws = distribution.Sample(Key, 10_000);
            Assert.Equal(0, draws.narrow(-1, 1, 1).sum().item<float>());
            Assert.Equal(0, draws.narrow(-1, 3, 1).sum().item<float>());
            Assert.True(distribution.LogProb(draws).isfinite().all().ToBoolean());
            Assert.True(distribution.Entropy.isfinite().item<bool>());
            var impossible = draws[0].flip(0);
            Assert.Equal(float.NegativeInfinity, distribution.LogProb(impossible).item<float>());
            Assert.Equal(0, KlRegistry.Standard.Divergence(distribution, distribution)!.item<float>());
        }

        var certain = tensor([0.5f, 0f, 0.5f], requires_grad: true);
        OneHotCategorical.FromProbs(certain).LogProb(tensor([1f, 0f, 0f])).backward();
        Assert.Equal([2f, 0f, 0f], certain.grad!.data<float>().ToArray());
    }

    [Fact]
    public void The_mode_is_the_most_probable_value()
    {
        Close(tensor([0.0, 1, 0]), OneHotCategorical.FromProbs(tensor([0.2, 0.5, 0.3])).Mode, 0);
        Close(tensor(1.5), new Empirical(tensor([1.5, -2, 1.5]), tensor([0.0, 0.5, 0.0])).Mode, 0);
        Close(tensor([1.0, 2, 7, 8]).reshape(2, 2), new Empirical(tensor([1.0, 2, 3, 4, 5, 6, 7, 8]).reshape(2, 2, 2), tensor([1.0, 0, 0, 1]).reshape(2, 2)).Mode, 0);
    }

    [Fact]
    public void Empirical_values_may_be_vectors_and_batches()
    {
        var values = tensor([1.0, 2, 3, 4, 5, 6, 7, 8]).reshape(2, 2, 2);
        var empirical = new Empirical(values, tensor([0.0, double.NegativeInfinity, double.NegativeInfinity, 0]).reshape(2, 2));
        Assert.Equal((new Shape([2]), new Shape([2])), (empirical.BatchShape, empirical.EventShape));
        Close(tensor([1.0, 2, 7, 8]).reshape(2, 2).expand(9, 2, 2), empirical.Sample(Key, 9), 0);
        Close(tensor([1.0, 2, 7, 8]).reshape(2, 2), empirical.Mean, 0);
        Close(zeros(2, 2, ScalarType.Float64), empirical.Variance, 0);
        Close(zeros(2, ScalarType.Float64), empirical.LogProb(tensor([1.0, 2, 7, 8]).reshape(2, 2)), 0);
        Assert.Throws<ArgumentException>(() => new Empirical(values, zeros(2, 3)));
        Close(tensor(2f), Empirical.FromValues(new[] { 1.0, 3 }).Mean, 0);
    }

    private static Row ByName(string name) => Rows.Single(row => row.Name == name);

    private static void Close(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(new Shape(expected.shape), new Shape(actual.shape));
        Assert.True(expected.sub(actual).abs().le(tolerance).all().ToBoolean(), $"[{string.Join(", ", actual.to(ScalarType.Float64).reshape(-1).data<double>().ToArray())}] where [{string.Join(", ", expected.to(ScalarType.Float64).reshape(-1).data<double>().ToArray())}] was expected");
    }

    // Every vector of whole numbers with the sum.
    private static Tensor Counts(int total, int categories)
    {
        IEnumerable<double[]> All(int left, int axes) => axes == 1
            ? [[left]]
            : Enumerable.Range(0, left + 1).SelectMany(first => All(left - first, axes - 1).Select(rest => (double[])[first, .. rest]));
        return stack([.. All(total, categories).Select(vector => tensor(vector))]);
    }

    private sealed record Row(string Name, double[][] Arguments, Func<Tensor[], Distribution> Build, Tensor Atoms, string InvalidName, double[] Invalid, bool HasEntropy = false)
    {
        public Tensor[] Tensors(ScalarType dtype = ScalarType.Float64) =>
            [.. Arguments.Select(numbers => numbers.Length == 1 ? tensor(numbers[0], dtype) : tensor(numbers, dtype))];
    }
}
