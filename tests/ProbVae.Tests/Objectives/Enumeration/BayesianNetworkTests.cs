using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Objectives.Enumeration;

/// <summary>Small networks of discrete variables against a plain sum over all their states.</summary>
public sealed class BayesianNetworkTests
{
    private static readonly double[] Sky = [0.5, 0.3, 0.2];
    private static readonly double[] Sprinkler = [0.5, 0.1, 0.3];
    private static readonly double[] Rain = [0.1, 0.8, 0.4];
    private static readonly double[,] Wet = { { 0.01, 0.9 }, { 0.85, 0.99 } };

    [Fact]
    public void TheSprinklerNetGivenASlipperyRoad()
    {
        // sky (a one-hot vector of three) -> sprinkler, rain -> wet -> slippery (observed) and a neighbour's lawn wet from the rain (observed)
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("lawn")
            .Sample("sky", OneHotCategorical.FromProbs(Sky), out var sky)
            .Sample("sprinkler", s => Bernoulli.FromProbs(s[sky].mul(tensor(Sprinkler, ScalarType.Float32)).sum(-1)), out var sprinkler)
            .Sample("rain", s => Bernoulli.FromProbs(s[sky].mul(tensor(Rain, ScalarType.Float32)).sum(-1)), out var rain)
            .Sample("wet", s => Bernoulli.FromProbs(tensor(Wet, ScalarType.Float32).RowAt(s[sprinkler]).At(s[rain])), out var wet)
            .Observe("slippery", s => Bernoulli.FromProbs(0.05 + (0.8 * s[wet])), data => data[0], out _)
            .Observe("neighbour", s => Bernoulli.FromProbs(0.2 + (0.6 * s[rain])), data => data[1], out _)
            .Build();
        var guide = Guide.For(model).SumOut(sky, sprinkler, rain, wet).Build();
        var exact = new AllStates([3, 2, 2, 2], state => Math.Log(Sky[state[0]]) + Log(Sprinkler[state[0]], state[1]) + Log(Rain[state[0]], state[2])
            + Log(Wet[state[1], state[2]], state[3]) + Log(0.05 + (0.8 * state[3]), 1) + Log(0.2 + (0.6 * state[2]), 0));
        var posterior = DiscretePosterior.Of(model, guide, tensor(new[] { 1f, 0f }), new RandomKey(1));
        Assert.Equal(exact.LogEvidence, posterior.LogEvidence, 1e-6);
        foreach (var (site, marginal) in new[] { sky, sprinkler, rain, wet }.Zip(exact.Marginals))
        {
            Assert.All(Inferences.Numbers(posterior[site]).Zip(marginal), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }

        var mode = posterior.Mode();
        int[] found = [(int)mode[sky].argmax().ToInt64(), .. new[] { sprinkler, rain, wet }.Select(site => (int)mode[site].ToDouble())];
        Assert.Equal(exact.Mode, found);
    }

    [Fact]
    public void RandomNetworksAreTheSumOverAllStates()
    {
        // 40 networks of 2 to 7 variables with 1 to 4 values, each reading up to three before it, and as many observations; the seed is fixed.
        var random = new Random(20_26);
        for (var network = 0; network < 40; network++)
        {
            using var scope = NewDisposeScope();
            AssertElimination(random, network);
        }
    }

    [Fact]
    public void DrawsHaveTheJointPosteriorsFrequencies()
    {
        using var scope = NewDisposeScope();
        var table = tensor(Wet, ScalarType.Float32);
        var model = Model.Given<Tensor>("pair").Sample("a", Categorical.FromProbs(new[] { 0.4, 0.6 }), out var a)
            .Plate("copies", total: 4000).Sample("b", s => Bernoulli.FromProbs(table.RowAt(s[a])[TensorIndex.Ellipsis, 1]), out var b)
            .Observe("x", s => Bernoulli.FromProbs(0.3 + (0.4 * s[b])), data => data, out _).Build();
        var posterior = DiscretePosterior.Of(model, Guide.For(model).SumOut(a, b).Build(), ones(4000), new RandomKey(1));
        var draw = posterior.Sample(new RandomKey(5));
        // Given a, the 4,000 copies are independent: their mean has a standard error of at most 0.008; the bound is 4 of it.
        var given = draw[a].ToInt64() == 0 ? 0.9 : 0.99;
        var expected = given * 0.7 / ((given * 0.7) + ((1 - given) * 0.3));
        Assert.Equal(expected, draw[b].mean().ToDouble(), 4 * Math.Sqrt(expected * (1 - expected) / 4000));
        Assert.Equal([4000L], draw[b].shape);
    }

    private static double Log(double probability, int value) => Math.Log(value == 1 ? probability : 1 - probability);

    private static void AssertElimination(Random random, int number)
    {
        var sizes = Enumerable.Range(0, random.Next(2, 8)).Select(_ => random.Next(1, 5)).ToArray();
        var parents = sizes.Select((_, i) => Enumerable.Range(0, i).OrderBy(_ => random.Next()).Take(random.Next(0, 4)).Order().ToArray()).ToArray();
        var tables = sizes.Select((size, i) => Table(random, [.. parents[i].Select(parent => sizes[parent]), size])).ToArray();
        var seen = sizes.Select(size => (Parents: new[] { random.Next(sizes.Length), random.Next(sizes.Length) }.Distinct().ToArray(), Value: random.Next(3))).ToArray();
        var likelihoods = seen.Select(x => Table(random, [.. x.Parents.Select(parent => sizes[parent]), 3])).ToArray();
        var (z, x) = (new Latent("z"), new Observed("x"));
        var model = Model.Program<Tensor>("network", (run, data) =>
        {
            var values = new Tensor[sizes.Length];
            for (var i = 0; i < sizes.Length; i++)
            {
                values[i] = run.Sample(z[i], Categorical.FromProbs(Entry(tables[i], [.. parents[i].Select(parent => values[parent])])));
            }

            for (var i = 0; i < seen.Length; i++)
            {
                run.Observe(x[i], Categorical.FromProbs(Entry(likelihoods[i], [.. seen[i].Parents.Select(parent => values[parent])])), data[i]);
            }
        });
        var exact = new AllStates(sizes, state => sizes.Select((_, i) => LogEntry(tables[i], [.. parents[i].Select(parent => state[parent]), state[i]])).Sum()
            + seen.Select((read, i) => LogEntry(likelihoods[i], [.. read.Parents.Select(parent => state[parent]), read.Value])).Sum());
        var posterior = DiscretePosterior.Of(model, Guide.Program<Tensor>(model, (_, _) => { }), tensor(seen.Select(read => (long)read.Value).ToArray()), new RandomKey(number));
        // float32 tables of a few hundred entries: a relative 1e-6 of each, so 1e-5 of their products' logarithm.
        Assert.Equal(exact.LogEvidence, posterior.LogEvidence, 1e-5);
        for (var i = 0; i < sizes.Length; i++)
        {
            Assert.All(Inferences.Numbers(posterior[z[i]]).Zip(exact.Marginals[i]), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        }

        var mode = posterior.Mode();
        var state = sizes.Select((_, i) => (int)mode[z[i]].ToInt64()).ToArray();
        Assert.True(exact.Mode.SequenceEqual(state), $"Network {number}: the likeliest state is [{string.Join(", ", exact.Mode)}], elimination gave [{string.Join(", ", state)}].");
    }

    // Probabilities along the last axis.
    private static Tensor Table(Random random, long[] shape)
    {
        var numbers = Enumerable.Range(0, (int)shape.Aggregate((product, size) => product * size)).Select(_ => (float)(0.05 + random.NextDouble())).ToArray();
        var table = tensor(numbers).reshape(shape);
        return table.div(table.sum(-1, keepdim: true));
    }

    private static Tensor Entry(Tensor table, Tensor[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            table = table.At(values[i], values.Length - i);
        }

        return table;
    }

    private static double LogEntry(Tensor table, int[] place) => Math.Log(table[[.. place.Select(i => TensorIndex.Single(i))]].ToDouble());
}
