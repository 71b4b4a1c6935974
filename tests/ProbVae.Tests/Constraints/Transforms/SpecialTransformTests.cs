using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Constraints.Transforms;

/// <summary>What single transforms promise: reference values, and refusals in words.</summary>
public sealed class SpecialTransformTests
{
    [Fact]
    public void Stick_breaking_maps_zeros_to_equal_parts()
    {
        var parts = new StickBreakingTransform().Forward(zeros(4, dtype: ScalarType.Float64));
        Assert.True(parts.sub(0.2).abs().lt(1e-15).all().ToBoolean());
    }

    [Fact]
    public void Ordered_adds_exponentials()
    {
        var y = new OrderedTransform().Forward(tensor(new[] { -1.0, 0, Math.Log(2) })).data<double>().ToArray();
        Assert.Equal([-1.0, 0, 2], y.Select(number => Math.Round(number, 12)));
    }

    [Fact]
    public void Correlation_Cholesky_of_one_number_is_its_tanh()
    {
        var factor = new CorrelationCholeskyTransform().Forward(tensor(new[] { 0.7 }));
        var correlation = factor.matmul(factor.T)[1, 0].item<double>();
        Assert.Equal(Math.Tanh(0.7), correlation, 1e-15);
        Assert.Equal(1, factor.square().sum(-1)[1].item<double>(), 1e-15);
    }

    [Fact]
    public void Lower_Cholesky_fills_rows_and_exponentiates_the_diagonal()
    {
        var factor = new LowerCholeskyTransform().Forward(tensor(new[] { 0.0, 5, Math.Log(3) })).reshape(-1).data<double>().ToArray();
        Assert.Equal([1.0, 0, 5, 3], factor.Select(number => Math.Round(number, 12)));
    }

    [Fact]
    public void Permute_takes_each_element_from_its_place()
    {
        var permute = new PermuteTransform(2, 0, 1);
        Assert.Equal([30L, 10L, 20L], permute.Forward(tensor([10L, 20L, 30L])).data<long>().ToArray());
        Assert.Equal([3L, 2L, 1L], PermuteTransform.Reversed(3).Forward(tensor([1L, 2L, 3L])).data<long>().ToArray());
    }

    [Fact]
    public void An_interval_by_element_maps_each_element_into_its_own()
    {
        var interval = new Interval(tensor([0f, 10f]), tensor([1f, 30f]));
        var middle = interval.FromUnconstrained!.Forward(zeros(2)).data<float>().ToArray();
        Assert.Equal([0.5f, 20f], middle);
    }

    [Fact]
    public void Gradients_reach_the_arguments_of_an_affine_transform()
    {
        var scale = tensor(2.0, requires_grad: true);
        var affine = new AffineTransform(0, scale);
        var x = tensor(new[] { 1.0, 3 });
        affine.Forward(x).sum().add(affine.LogDeterminant(x, affine.Forward(x)).sum()).backward();
        Assert.Equal(4 + 2 / 2.0, scale.grad!.item<double>(), 1e-12);
    }

    [Fact]
    public void The_same_part_twice_in_a_chain_counts_twice()
    {
        var exp = new ExpTransform();
        var twice = new ComposeTransform(exp, exp);
        var x = tensor(new[] { 0.3 });
        Assert.Equal(0.3 + Math.Exp(0.3), twice.LogDeterminant(x, twice.Forward(x)).item<double>(), 1e-12);
    }

    [Fact]
    public void A_chain_of_nothing_is_the_identity()
    {
        var none = new ComposeTransform();
        var x = tensor(new[] { 0.3, 2 });
        Assert.Equal(x, none.Forward(x));
        Assert.Equal(0, none.LogDeterminant(x, x).sum().item<double>());
    }

    [Fact]
    public void What_cannot_be_mapped_is_refused_in_words()
    {
        Refused("exponent must be a finite number other than 0", () => new PowerTransform(0));
        Refused("every scale finite and not 0", () => new AffineTransform(0, 0));
        Refused("every loc must be finite", () => new AffineTransform(double.NaN, 1));
        Refused("loc of shape (2) and scale of shape (3) do not broadcast", () => new AffineTransform(zeros(2), ones(3)));
        Refused("each of the places 0 to 2 once, received (0, 0, 1)", () => new PermuteTransform(0, 0, 1));
        Refused("vectors of 3 elements, received shape (2)", () => PermuteTransform.Reversed(3).Forward(zeros(2)));
        Refused("4 elements does not fill the lower triangle", () => new LowerCholeskyTransform().Forward(zeros(4)));
        Refused("expected square matrices in the last two axes, received shape (2, 3)", () => new LowerCholeskyTransform().InverseShape([2, 3]));
        Refused("vectors of K − 1 numbers to vectors of K ≥ 1, received shape ()", () => new StickBreakingTransform().ForwardShape([]));
        Refused("needs at least 1 axis", () => new IndependentTransform(new ExpTransform(), 0));
        Refused("it maps single numbers", () => AffineTransform.Between(Support.Simplex, Support.Real, 0, 1));
        Refused("a value of shape (4) does not broadcast with loc and scale of shape (3)", () => new AffineTransform(zeros(3), 1).ForwardShape([4]));
    }

    private static void Refused(string sentence, Func<object> action) =>
        Assert.Contains(sentence, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);
}
