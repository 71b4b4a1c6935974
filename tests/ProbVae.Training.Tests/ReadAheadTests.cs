
namespace ProbVae.Training.Tests;

public sealed class ReadAheadTests
{
    [Fact]
    public void TheItemsAreTheSameInTheSameOrder()
    {
        var made = new List<Item>();
        Assert.Equal(Enumerable.Range(0, 50), ReadAhead.Of(Make(50, made), ahead: 2).Select(item => item.Number));
        Assert.All(made, item => Assert.False(item.IsDisposed));
    }

    [Fact]
    public void NoMoreAreMadeThanMayWait()
    {
        var made = new List<Item>();
        using var items = ReadAhead.Of(Make(50, made), ahead: 2).GetEnumerator();
        Assert.True(items.MoveNext());
        // Two wait, and a third is in the maker's hands.
        SpinWait.SpinUntil(() => Count(made) == 4, TimeSpan.FromSeconds(5));
        Assert.Equal(4, Count(made));
        Thread.Sleep(20);
        Assert.Equal(4, Count(made));
    }

    [Fact]
    public void WhatNobodyTookIsDisposedOf()
    {
        var made = new List<Item>();
        using (var items = ReadAhead.Of(Make(50, made), ahead: 3).GetEnumerator())
        {
            Assert.True(items.MoveNext());
            Assert.True(items.MoveNext());
        }

        Assert.Equal([0, 1], made.Where(item => !item.IsDisposed).Select(item => item.Number));
        Assert.InRange(made.Count, 2, 6);
    }

    [Fact]
    public void AnErrorComesAfterTheItemsBeforeIt()
    {
        var taken = new List<int>();
        var error = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (var item in ReadAhead.Of(Make(50, [], failsAt: 7), ahead: 2))
            {
                taken.Add(item.Number);
            }
        });
        Assert.Equal("item 7", error.Message);
        Assert.Equal(Enumerable.Range(0, 7), taken);
    }

    [Fact]
    public void AnotherThreadMakesThem()
    {
        var makers = ReadAhead.Of(Make(5, []), ahead: 1).Select(item => item.Maker).Distinct().ToList();
        Assert.NotEqual(Environment.CurrentManagedThreadId, Assert.Single(makers));
    }

    private static IEnumerable<Item> Make(int count, List<Item> made, int failsAt = -1)
    {
        for (int number = 0; number < count; number++)
        {
            if (number == failsAt)
            {
                throw new InvalidDataException($"item {number}");
            }

            var item = new Item(number, Environment.CurrentManagedThreadId);
            lock (made)
            {
                made.Add(item);
            }

            yield return item;
        }
    }

    private static int Count(List<Item> made)
    {
        lock (made)
        {
            return made.Count;
        }
    }

    private sealed class Item(int number, int maker) : IDisposable
    {
        public int Number => number;

        public int Maker => maker;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
