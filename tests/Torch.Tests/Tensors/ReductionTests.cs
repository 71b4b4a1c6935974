using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

public sealed class ReductionTests
{
    private static Tensor M => tensor(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });

    [Fact]
    public void Sums_over_all_one_or_several_dimensions()
    {
        Check.Close([21], M.sum());
        // A bare 0 would be taken for the element type: 0 converts to an enum.
        Check.Close([5, 7, 9], M.sum(dim: 0));
        Check.Shape(M.sum(-1, keepdim: true), 2, 1);
        Check.Close([21], M.sum([0L, 1L]));
        Assert.Equal(ScalarType.Float32, M.sum(type: float32).dtype);
    }

    [Fact]
    public void Means_and_variances()
    {
        Check.Close([3.5], M.mean());
        Check.Close([2, 5], M.mean([1L]));
        Check.Close([3.5], M.var());
        Check.Close([1, 1], M.var(1));
        Check.Close([Math.Sqrt(2.0 / 3), Math.Sqrt(2.0 / 3)], M.std(1, unbiased: false));
        var (variance, mean) = var_mean(M, 0, unbiased: false);
        Check.Close([2.25, 2.25, 2.25], variance);
        Check.Close([2.5, 3.5, 4.5], mean);
    }

    [Fact]
    public void Extremes_and_where_they_are()
    {
        var (values, indices) = M.max(1);
        Check.Close([3, 6], values);
        Check.Close([2, 2], indices);
        Check.Close([1], M.min());
        Check.Close([5], M.argmax());
        Check.Close([3, 6], M.amax([1L]));
        Check.Close([1, 4], M.amin([1L]));
    }

    [Fact]
    public void Logsumexp_and_softmax_stay_finite()
    {
        using var large = tensor([1000.0, 1000.0]);
        Check.Close([1000 + Math.Log(2)], large.logsumexp(0));
        Check.Close([0.5, 0.5], large.softmax(0));
        Check.Close([-Math.Log(2), -Math.Log(2)], large.log_softmax(0));
    }

    [Fact]
    public void Orderings_and_cumulations()
    {
        using var x = tensor([3.0, 1.0, 2.0]);
        var (sorted, order) = x.sort(descending: true);
        Check.Close([3, 2, 1], sorted);
        Check.Close([0, 2, 1], order);
        var (top, _) = x.topk(2);
        Check.Close([3, 2], top);
        Check.Close([3, 4, 6], x.cumsum(0));
        Check.Close([2], x.median());
        Check.Close([1.5], x.quantile(tensor([0.25]), dim: 0));
    }

    [Fact]
    public void Truth_over_a_tensor()
    {
        Assert.True((M > 0.0).all().ToBoolean());
        Assert.False((M > 6.0).any().ToBoolean());
        Check.Close([1, 0], (M < 3.0).any(1));
        Check.Close([6], M.count_nonzero());
    }
}
