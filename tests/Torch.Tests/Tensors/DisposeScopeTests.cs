using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_created_in_it()
    {
        Tensor inner;
        using (NewDisposeScope()) inner = ones(2) + 1;
        Assert.True(inner.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => inner.add(1));
    }

    [Fact]
    public void Moved_and_detached_tensors_outlive_their_scope()
    {
        using var outer = NewDisposeScope();
        Tensor moved, detached;
        using (NewDisposeScope())
        {
            moved = ones(2).MoveToOuterDisposeScope();
            detached = ones(2).DetachFromDisposeScope();
        }

        Assert.False(moved.IsInvalid);
        Assert.True(outer.Contains(moved));
        Assert.False(outer.Contains(detached));
        outer.Dispose();
        Assert.True(moved.IsInvalid);
        Assert.False(detached.IsInvalid);
        detached.Dispose();
    }

    [Fact]
    public void Tensors_move_to_a_chosen_scope()
    {
        using var outer = NewDisposeScope();
        using var holder = ones(1);
        using (NewDisposeScope())
        {
            var chosen = ones(1).MoveToOtherDisposeScope(outer);
            var beside = ones(1).MoveToOtherDisposeScope(holder);
            Assert.True(outer.Contains(chosen));
            Assert.True(outer.Contains(beside));
        }
    }

    [Fact]
    public void Everything_but_the_kept_is_disposed()
    {
        using var scope = NewDisposeScope();
        var kept = ones(1);
        var dropped = ones(1);
        scope.DisposeEverythingBut(kept);
        Assert.False(kept.IsInvalid);
        Assert.True(dropped.IsInvalid);
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Disposing_early_takes_a_tensor_out_of_its_scope()
    {
        using var scope = NewDisposeScope();
        var first = ones(1);
        var second = ones(1);
        first.Dispose();
        Assert.Equal([second], scope.DisposablesView);
        second.Dispose();
        second.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void The_current_scope_is_the_innermost_living_one()
    {
        using var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        Assert.Same(outer, CurrentDisposeScope);
    }

    [Fact]
    public void Statistics_show_that_nothing_leaks()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            using var x = ones(3, requires_grad: true);
            ((x * 2.0).pow(2).sum() + x[1]).backward();
            _ = x.grad;
            _ = x.split(1);
            Assert.True(DisposeScopeManager.Statistics.ThreadTotalLiveCount > before);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        Tensor? elsewhere = null;
        var thread = new Thread(() => elsewhere = ones(1));
        thread.Start();
        thread.Join();
        Assert.False(scope.Contains(elsewhere!));
        elsewhere!.Dispose();
    }
}
