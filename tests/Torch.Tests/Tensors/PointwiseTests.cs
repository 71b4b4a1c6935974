using System.Runtime.InteropServices;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

public sealed class PointwiseTests
{
    private static Tensor X => tensor([0.5, 1.0, 2.0]);

    [Fact]
    public void Arithmetic_with_numbers_on_either_side()
    {
        Check.Close([1.5, 2, 3], X + 1);
        Check.Close([0.5, 0, -1], 1 - X);
        Check.Close([1, 2, 4], 2.0 * X);
        Check.Close([2, 1, 0.5], 1.0 / X);
        Check.Close([-0.5, -1, -2], -X);
        Check.Close([0.5, 0, 0], X % 1.0);
        Check.Close([0.25, 1, 4], X.pow(2));
    }

    [Fact]
    public void Comparisons_are_elementwise()
    {
        Check.Close([0, 1, 0], X == X.clamp(1.0, 1.0));
        Check.Close([1, 0, 0], X < 1.0);
        Check.Close([0, 1, 1], X.ge(1.0));
        Check.Close([0, 1, 0], (X >= 1.0) & (X < 2.0));
        Assert.True(X.Equals(X));
        Assert.True(X.allclose(X + 1e-9));
    }

    [Fact]
    public void Logarithms_and_their_stable_forms()
    {
        Check.Close([Math.Log(0.5), 0, Math.Log(2)], X.log());
        Check.Close([Math.Log(1.5), Math.Log(2), Math.Log(3)], log1p(X));
        Check.Close([Math.Log(1 + Math.Exp(0.5)), Math.Log(1 + Math.E), Math.Log(1 + Math.Exp(2))], X.softplus());
        Check.Close([0, 0, 2 * Math.Log(2)], xlogy(tensor([0.0, 1.0, 2.0]), tensor([0.0, 1.0, 2.0])));
        Check.Close([Math.Log(2)], logaddexp(zeros(1), zeros(1)));
    }

    [Fact]
    public void Special_functions_have_their_known_values()
    {
        Check.Close([Math.Log(24)], lgamma(tensor([5.0])));
        Check.Close([-0.5772156649015329], digamma(tensor([1.0])), 1e-12);
        Check.Close([Math.PI * Math.PI / 6], polygamma(tensor([1.0]), 1), 1e-9);
        Check.Close([0.8427007929497149], erf(tensor([1.0])), 1e-12);
        Check.Close([0.975], special.ndtr(tensor([1.959963984540054])), 1e-9);
        Check.Close([1.959963984540054], special.ndtri(tensor([0.975])), 1e-9);
        Check.Close([1.2660658777520084], special.i0(tensor([1.0])), 1e-9);
        Check.Close([1 - Math.Exp(-2)], special.gammainc(tensor([1.0]), tensor([2.0])), 1e-9);
        Check.Close([Math.Log(0.25 / 0.75)], special.logit(tensor([0.25])), 1e-12);
    }

    [Fact]
    public void In_place_operations_change_and_return_their_tensor()
    {
        using var x = X;
        Assert.Same(x, x.add_(1.0).mul_(2.0));
        Check.Close([3, 4, 6], x);
        x.clamp_(3.5, 5.0);
        Check.Close([3.5, 4, 5], x);
        x.zero_();
        Check.Close([0, 0, 0], x);
        x.fill_(2.0).addcmul_(ones(3, dtype: float64), ones(3, dtype: float64), 3.0);
        Check.Close([5, 5, 5], x);
        x.copy_(X);
        Check.Close([0.5, 1, 2], x);
    }

    [Fact]
    public void Where_and_nan_to_num_choose()
    {
        Check.Close([0.5, 0, 0], where(X < 1.0, X, zeros_like(X)));
        Check.Close([0, 1], tensor([double.NaN, 1.0]).nan_to_num());
        Check.Close([1, 0, 0], isnan(tensor([double.NaN, 1.0, double.PositiveInfinity])));
        Check.Close([0, 1, 0], isfinite(tensor([double.NaN, 1.0, double.PositiveInfinity])));
        Check.Close([9, 1, 2], X.masked_fill(X < 1.0, 9.0));
    }

    [Fact]
    public void Mixed_types_promote()
    {
        Assert.Equal(ScalarType.Float32, (ones(2, dtype: int64) * 0.5).dtype);
        Assert.Equal(ScalarType.Float64, (ones(2) + ones(2, dtype: float64)).dtype);
        Assert.Equal(ScalarType.Float64, promote_types(ScalarType.Float32, ScalarType.Float64));
    }

    [Fact]
    public void Shapes_that_do_not_broadcast_are_an_external_exception()
    {
        var error = Assert.Throws<ExternalException>(() => ones(2).add(ones(3)));
        Assert.Contains("must match the size", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", error.Message, StringComparison.Ordinal);
    }
}
