using static TorchSharp.torch;

namespace ProbVae.Training.Tests;

public sealed class RowMinibatchesTests
{
    public sealed record Houses(Tensor Area, Tensor Price, Rows Rows, double Unit)
    {
        public Tensor? Age { get; init; }
    }

    public sealed record Nested((Tensor A, Tensor B) Pair, Houses Houses);

    public readonly record struct Pair(Tensor Values, int Order);

    public sealed record Settings
    {
        private Settings()
        {
        }

        public static Settings Default { get; } = new();

        public double Rate { get; } = 0.1;
    }

    public sealed record Several(Tensor[] Each);

    [Fact]
    public void ATuplesPartsKeepTogether()
    {
        using var scope = NewDisposeScope();
        var data = (X: arange(10) * 2, Y: arange(10).reshape(10, 1) * 3, Rows: Rows.All(10), Shared: tensor(7f), Name: "ten");
        var batches = Minibatches.Shuffled(data, 4, new RandomKey(1));
        Assert.Equal((10L, 3L), (batches.Elements, batches.PerPass));
        Assert.Equal([4L, 4, 2], batches.Between(0, 3).Select(batches.SizeOf));
        Assert.Equal(Rows.All(10).Indices, batches.Between(0, 3).SelectMany(batch => batch.Rows.Indices).Order());
        foreach (var batch in batches.Between(0, 6))
        {
            Assert.Equal(batch.Rows.Indices.Select(row => 2 * row), batch.X.data<long>().ToArray());
            Assert.Equal(batch.Rows.Indices.Select(row => 3 * row), batch.Y.flatten().data<long>().ToArray());
            Assert.Equal((7f, "ten"), (batch.Shared.item<float>(), batch.Name));
        }
    }

    [Fact]
    public void ARecordAndWhatIsWithinItKeepTogether()
    {
        using var scope = NewDisposeScope();
        var houses = new Houses(arange(6), arange(6) * 2, Rows.All(6), 0.5) { Age = arange(6) * 3 };
        var first = Minibatches.InOrder(new Nested((arange(6), arange(6)), houses), 4).Of(1);
        Assert.Equal([4L, 5], first.Pair.B.data<long>().ToArray());
        Assert.Equal([4L, 5], first.Houses.Rows.Indices);
        Assert.Equal([8L, 10], first.Houses.Price.data<long>().ToArray());
        Assert.Equal([12L, 15], first.Houses.Age!.data<long>().ToArray());
        Assert.Equal(0.5, first.Houses.Unit);
    }

    [Fact]
    public void WhatHasNoRowsIsSharedAndWhatHasThemIsNot()
    {
        using var scope = NewDisposeScope();
        var (settings, network) = (Settings.Default, nn.Linear(2, 2));
        var batch = Minibatches.InOrder((X: arange(4), Pair: new Pair(arange(4), 3), settings, network, Key: new RandomKey(1)), 2).Of(1);
        Assert.Equal([2L, 3], batch.Pair.Values.data<long>().ToArray());
        Assert.Equal(3, batch.Pair.Order);
        Assert.Same(settings, batch.settings);
        Assert.Same(network, batch.network);
    }

    [Fact]
    public void ATupleOfMoreThanSevenKeepsTogether()
    {
        using var scope = NewDisposeScope();
        var part = arange(4);
        var batch = Minibatches.InOrder((part, part, part, part, part, part, part, part, Last: part * 5), 2).Of(1);
        Assert.Equal([10L, 15], batch.Last.data<long>().ToArray());
    }

    [Fact]
    public void RowsAndTensorsTrainStraightThroughFit()
    {
        using var scope = NewDisposeScope();
        var rows = new Normal(3, 0.5).Sample(new RandomKey(1), 60);
        var model = Model.Given<(Tensor Y, Rows Rows)>("local").Plate("rows", total: 60, rows: d => d.Rows)
            .Sample("z", s => new Normal(zeros(s.Data.Rows.Count), 3), out var z).Observe("y", s => new Normal(s[z], 0.5), d => d.Y, out _).Build();
        var whole = (Y: rows, Rows: Rows.All(60));
        using var svi = Svi.For(model, Guide.AutoNormal(model, whole), Elbo.MeanField(), p => optim.Adam(p, lr: 0.1));
        var before = svi.Evaluate(whole).Elbo;
        var fit = svi.Fit(Minibatches.Shuffled(whole, 20, new RandomKey(2)), passes: 40);
        Assert.Equal(120, fit.Steps);
        Assert.True(svi.Evaluate(whole).Elbo > before + 60, $"{before} before, {svi.Evaluate(whole).Elbo} after");
        Assert.Equal(3, svi.Posterior(whole).Summary().Rows.Average(row => row.Mean), 0.5);
    }

    [Fact]
    public void WhatHasNoRowsIsRefused()
    {
        using var scope = NewDisposeScope();
        Assert.StartsWith(
            "Minibatches take the same rows of every part of the data, and Item1 has 3 rows where Item2 has 4. What all rows share is no part of the data: let a lambda capture it.",
            Assert.Throws<ArgumentException>(() => Minibatches.Shuffled((zeros(3), zeros(4)), 2, new RandomKey(1))).Message);
        Assert.StartsWith(
            "The data is a (Double, Tensor) in which no tensor has an axis of rows; give a tensor, or a tuple or record of tensors.",
            Assert.Throws<ArgumentException>(() => Minibatches.InOrder((1.0, tensor(1f)), 2)).Message);
        Assert.StartsWith(
            "The data is a Tensor[], of which no rows can be taken: give a tensor, or a tuple or record of tensors. For other data, new Minibatches<Tensor[]>(...) says how a minibatch is made.",
            Assert.Throws<ArgumentException>(() => Minibatches.InOrder<Tensor[]>([zeros(3)], 2)).Message);
        Assert.StartsWith(
            "Each of the data is a Tensor[], and minibatches take rows of tensors, tuples and records; give its tensors as parts of the data, or write new Minibatches<TData>(...).",
            Assert.Throws<ArgumentException>(() => Minibatches.InOrder(new Several([zeros(3)]), 2)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Minibatches.InOrder(zeros(0), 2));
    }
}
