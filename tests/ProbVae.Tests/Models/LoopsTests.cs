using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Models;

/// <summary>Case E: what a loop makes is one row, one sum and one sentence.</summary>
public sealed class LoopsTests
{
    private const int Steps = 25;

    [Fact]
    public void RowsOfALoopAreOneRowWithItsRange()
    {
        Assert.Equal("mu, z[0..24], y", Loops.Names(["mu", .. Enumerable.Range(0, Steps).Select(t => $"z[{t}]"), "y"]));
        Assert.Equal("z[0..24], x[0..24]", Loops.Names(Enumerable.Range(0, Steps).SelectMany(t => new[] { $"z[{t}]", $"x[{t}]" })));
        Assert.Equal("z[0], z[1]", Loops.Names(["z[0]", "z[1]"]));
        Assert.Equal("z[0, 2, …, 8]", Loops.Names(Enumerable.Range(0, 5).Select(t => $"z[{2 * t}]")));
        Assert.Equal("z[0..2], z[7..9]", Loops.Names(new[] { 0, 1, 2, 7, 8, 9 }.Select(t => $"z[{t}]")));
        Assert.Equal("z[0..3][0..4]", Loops.Names(from i in Enumerable.Range(0, 4) from j in Enumerable.Range(0, 5) select $"z[{i}][{j}]"));
        Assert.Equal("", Loops.Names([]));
    }

    [Fact]
    public void WhatARowReadsGoesWithTheLoopOrStays()
    {
        var rows = Loops.Grouped(Enumerable.Range(0, Steps).Select(t => new[] { $"x[{t}]", t == 0 ? "log p(x[0] | w[3])" : $"log p(x[{t}] | z[{t - 1}], w[3])" }));
        Assert.Equal(["log p(x[0] | w[3])", "Σ_t=1..24 log p(x[t] | z[t−1], w[3])"], rows.Select(row => row.Sums + row.Cells[1]));
        var nested = Loops.Grouped(from i in Enumerable.Range(0, 3) from j in Enumerable.Range(0, 4) select new[] { $"z[{i}][{j}]", $"log p(z[{i}][{j}] | m[{i}])" });
        Assert.Equal("Σ_u=0..2 Σ_t=0..3 log p(z[u][t] | m[u])", Assert.Single(nested).Sums + nested[0].Cells[1]);
    }

    [Fact]
    public void ExplainOfTwentyFiveStepsIsShort()
    {
        using Walk walk = new();
        using var data = zeros(Steps);
        var explained = walk.Svi(width: 1).Explain(data);
        Assert.Equal(2 * Steps, explained.Sites.Count);
        Assert.Contains("Σ_t=0..24 log p(x[t] | …)", explained.Formula, StringComparison.Ordinal);
        var lines = explained.ToString().Split('\n');
        Assert.True(lines.Length <= 6, explained.ToString());
        Assert.Contains(lines, line => line.StartsWith("  z[0..24]  latent", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  x[0..24]  observed", StringComparison.Ordinal));
    }

    [Fact]
    public void AnErrorInALoopIsShort()
    {
        using Walk walk = new();
        using var data = zeros(Steps);
        var failure = Assert.Throws<ModelException>(() => walk.Svi(width: 3).Step(data));
        Assert.True(failure.Message.Split('\n').Length <= 8, failure.Message);
        Assert.Contains("z[0..20]", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMessageHasTwentyLinesAtMostAndALoopsSentencesAreOne()
    {
        var loop = new ModelException([.. Enumerable.Range(0, 40).Select(t => $"Site 'z[{t}]' is latent in the model and missing from the guide.")]);
        Assert.Equal("Site 'z[0..39]' is latent in the model and missing from the guide.", loop.Message);
        Assert.Equal(40, loop.Problems.Count);
        string[] problems = [.. Enumerable.Range(0, 100).Select(i => $"Problem {i}.")];
        var table = string.Join('\n', Enumerable.Range(0, 70).Select(i => $"  row {i}"));
        foreach (var message in new[] { new ModelException(problems).Message, new ModelException(problems, table).Message, new ModelException(problems[..3], table).Message, new NonFiniteException(problems, table).Message, new SafetensorsException(problems).Message })
        {
            Assert.InRange(message.Split('\n').Length, 12, 20);
            Assert.Contains("more", message, StringComparison.Ordinal);
        }

        Assert.Contains("  row 69", new ModelException(problems[..3], table).Message, StringComparison.Ordinal);
    }

    /// <summary>A random walk in a program; at step 20 its likelihood has as many elements as it is told.</summary>
    private sealed class Walk : IDisposable
    {
        private readonly Parameter _loc = new(zeros(Steps));
        private readonly List<IDisposable> _made = [];

        public Svi<Tensor> Svi(int width)
        {
            var (z, x) = (new Latent("z"), new Observed("x"));
            var model = Model.Program<Tensor>("walk", (run, data) =>
            {
                var before = zeros(1)[0];
                for (var t = 0; t < Steps; t++)
                {
                    before = run.Sample(z[t], new Normal(before, 1));
                    run.Observe(x[t], new Normal(t == 20 && width > 1 ? before.expand(width) : before, 1), data[t]);
                }
            });
            var loc = _loc;
            var guide = Guide.Program(model, (run, _) =>
            {
                for (var t = 0; t < Steps; t++)
                {
                    run.Sample(z[t], new Normal(loc[t], 1));
                }
            });
            var svi = ProbVae.Svi.For(model, guide, Elbo.MeanField(), parameters => optim.Adam(parameters, 0.01));
            _made.Add(svi);
            return svi;
        }

        public void Dispose()
        {
            _made.ForEach(made => made.Dispose());
            _loc.Dispose();
        }
    }
}
