using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

public sealed class ShapeTests
{
    private static Tensor A => arange(6).reshape(2, 3);

    [Fact]
    public void Views_rearrange_without_copying()
    {
        using var a = A;
        using var flat = a.view(-1);
        flat.add_(1);
        Check.Close([1, 2, 3, 4, 5, 6], a);
        Check.Shape(a.t(), 3, 2);
        Check.Shape(a.unsqueeze(0).permute(2, 0, 1), 3, 1, 2);
        Check.Shape(a.unsqueeze(0).squeeze(0), 2, 3);
        Check.Shape(a.unsqueeze(-1).squeeze(), 2, 3);
        Check.Shape(a.unsqueeze(0).mT, 1, 3, 2);
        Check.Shape(a.expand(4, 2, 3), 4, 2, 3);
        Check.Shape(a.flatten(), 6);
        Check.Shape(broadcast_to(ones(3), 2, 3), 2, 3);
    }

    [Fact]
    public void Joining_and_splitting_are_inverse()
    {
        var parts = A.split(1, dim: 1);
        Assert.Equal(3, parts.Length);
        Check.Close([0, 1, 2, 3, 4, 5], cat(parts, 1));
        Check.Close([0, 1, 2, 3, 4, 5], stack(A.unbind(0), 0));
        Assert.Equal(2, A.chunk(2).Length);
        Check.Shape(A.split([1, 2], 1)[1], 2, 2);
    }

    [Fact]
    public void Selection_by_index_tensors()
    {
        Check.Close([2, 0, 5, 3], A.index_select(1, tensor([2L, 0L])));
        Check.Close([1, 5], A.gather(1, tensor(new long[,] { { 1 }, { 2 } })));
        Check.Close([0, 2, 4], A.masked_select(A.remainder(2) == 0));
        Check.Close([0, 7, 0, 0], zeros(4).scatter(0, tensor([1L]), tensor([7f])));
        Check.Close([0, 5, 0], zeros(3).scatter_add(0, tensor([1L, 1L]), tensor([2f, 3f])));
        Check.Close([1, 2], A.narrow(1, 1, 2).select(0, 0));
    }

    [Fact]
    public void Indexing_reads_like_python()
    {
        using var a = A;
        Assert.Equal(5L, a[1, 2].ToInt64());
        Check.Close([3, 4, 5], a[1]);
        Check.Close([1, 4], a[TensorIndex.Ellipsis, 1]);
        Check.Close([1, 4], a[TensorIndex.Colon, 1]);
        Check.Close([1, 2], a[0, 1..]);
        Check.Close([0, 1, 3, 4], a[TensorIndex.Colon, ..^1]);
        Check.Close([0, 2], a[0, TensorIndex.Slice(step: 2)]);
        Check.Shape(a[TensorIndex.None], 1, 2, 3);
        Check.Close([4, 5], a[a > 3]);
        Check.Close([3, 0], a[tensor([1L, 0L]), tensor([0L, 0L])]);
        Check.Close([2, 5], a[TensorIndex.Ellipsis, TensorIndex.Tensor(tensor([2L]))].flatten());
    }

    [Fact]
    public void Indexed_elements_can_be_set()
    {
        using var a = zeros(2, 2);
        a[0, 1] = tensor(3f);
        a[1] = tensor([4f, 5f]);
        Check.Close([0, 3, 4, 5], a);
        a[a > 3.5] = tensor(-1f);
        Check.Close([0, 3, -1, -1], a);
        a.index_put_(tensor(9f), TensorIndex.Colon, TensorIndex.Single(0));
        Check.Close([9, 3, 9, -1], a);
    }

    [Fact]
    public void Repeats_flips_and_triangles()
    {
        Check.Close([1, 1, 2, 2], tensor([1, 2]).repeat_interleave(2));
        Check.Close([1, 2, 1, 2], tensor([1, 2]).repeat(2));
        Check.Close([2, 1], tensor([1, 2]).flip(0));
        Check.Close([2, 1], tensor([1, 2]).roll(1));
        Check.Close([1, 0, 1, 1], ones(2, 2).tril());
        Check.Close([1, 0, 0, 2], diag_embed(tensor([1, 2])));
        Check.Close([1, 2], tensor(new[,] { { 1, 0 }, { 0, 2 } }).diagonal());
        Check.Shape(tril_indices(3, 3), 2, 6);
    }

    [Fact]
    public void Sizes_compare_and_join()
    {
        var size = new Size([2L, 3L]);
        Assert.Equal(6, size.numel());
        Assert.True(size + new Size([4L]) == new Size([2L, 3L, 4L]));
        Assert.Equal(new Size([2L, 3L]), broadcast_shapes([2, 1], [3]));
    }
}
