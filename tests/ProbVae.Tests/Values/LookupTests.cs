using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Values;

/// <summary>Looking up numbers and rows by a discrete variable's value, element by element.</summary>
public sealed class LookupTests
{
    [Theory]
    [InlineData(new long[] { 4 }, new long[] { }, 0)]
    [InlineData(new long[] { 4 }, new long[] { 3, 1, 5 }, 0)]
    [InlineData(new long[] { 2, 1, 4 }, new long[] { 3, 1, 5 }, 0)]
    [InlineData(new long[] { 4, 6 }, new long[] { 3, 1, 5 }, 1)]
    [InlineData(new long[] { 2, 1, 4, 6 }, new long[] { 5 }, 1)]
    [InlineData(new long[] { 5, 4, 2, 3 }, new long[] { 3, 1 }, 2)]
    public void EachElementIsThatOfItsOwnTable(long[] shape, long[] places, int entryAxes)
    {
        using var scope = NewDisposeScope();
        var table = arange(shape.Aggregate(1L, (product, size) => product * size), dtype: ScalarType.Float32).reshape(shape);
        var index = arange(places.Aggregate(1L, (product, size) => product * size)).remainder(4).reshape(places);
        var found = table.At(index, entryAxes);
        long[] entry = shape[^entryAxes..], tables = shape[..^(entryAxes + 1)];
        var batch = new Shape(tables).BroadcastWith(new Shape(places))!.Value;
        Assert.Equal([.. batch, .. entry], found.shape);
        var (flatTable, flatIndex) = (table.expand([.. batch, .. shape[^(entryAxes + 1)..]]).reshape([-1, .. shape[^(entryAxes + 1)..]]), index.expand(batch.ToArray()).reshape(-1));
        var flat = found.reshape([-1, .. entry]);
        for (var i = 0; i < flatIndex.shape[0]; i++)
        {
            Assert.Equal(Inferences.Numbers(flatTable[i][flatIndex[i].ToInt64()]), Inferences.Numbers(flat[i]));
        }
    }

    [Fact]
    public void GradientsGoToWhatWasLookedUp()
    {
        using var scope = NewDisposeScope();
        var table = zeros([2, 3], requires_grad: true);
        table.At(tensor(new long[] { 2, 0 })).sum().backward();
        Assert.Equal([0.0, 0, 1, 1, 0, 0], Inferences.Numbers(table.grad!));
    }

    [Fact]
    public void WhatIsNoPlaceIsRefused()
    {
        using var scope = NewDisposeScope();
        Assert.StartsWith("The index holds 3, and the axis that is looked up has the places 0 to 2.", Assert.Throws<ArgumentException>(() => zeros(3).At(tensor(new long[] { 1, 3 }))).Message, StringComparison.Ordinal);
        Assert.StartsWith("The index holds 0.5,", Assert.Throws<ArgumentException>(() => zeros(3).At(tensor(0.5f))).Message, StringComparison.Ordinal);
        Assert.StartsWith("A table of shape (2, 3) has no batch that broadcasts with an index of shape (4);", Assert.Throws<ArgumentException>(() => zeros(2, 3).At(tensor(new long[] { 0, 1, 0, 1 }))).Message, StringComparison.Ordinal);
    }
}
