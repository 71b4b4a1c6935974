using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives.Enumeration;

/// <summary>Discrete variables in nested plates: a corpus of documents of words, and a style of all of them.</summary>
public sealed class PlateTests
{
    private static readonly double[] Style = [0.3, 0.7];
    private static readonly double[,] Topic = { { 0.5, 0.3, 0.2 }, { 0.1, 0.2, 0.7 } };
    private static readonly double[,] Sense = { { 0.9, 0.1 }, { 0.4, 0.6 }, { 0.2, 0.8 } };
    private static readonly double[] Locs = [-1, 1];
    private static readonly double[,] Words = { { -0.5, 1.2, 0.3 }, { 2.0, -1.1, 0.9 } };

    [Fact]
    public void ThreeLevelsAreTheSumOverAllStates()
    {
        using var scope = NewDisposeScope();
        // One style, two documents' topics, six words' senses: 2 · 3² · 2⁶ states.
        var exact = new AllStates([2, 3, 3, 2, 2, 2, 2, 2, 2], state =>
        {
            var log = Math.Log(Style[state[0]]);
            for (var d = 0; d < 2; d++)
            {
                log += Math.Log(Topic[state[0], state[1 + d]]);
                for (var w = 0; w < 3; w++)
                {
                    var sense = state[3 + (3 * d) + w];
                    log += Math.Log(Sense[state[1 + d], sense]) + LogDensity(Words[d, w], sense);
                }
            }

            return log;
        });
        var model = Corpus(2, 3, out var style, out var topic, out var sense);
        var posterior = DiscretePosterior.Of(model, Guide.For(model).SumOut(style, topic, sense).Build(), Data(), new RandomKey(1));
        Assert.Equal(exact.LogEvidence, posterior.LogEvidence, 1e-5);
        Assert.All(Inferences.Numbers(posterior[style]).Zip(exact.Marginals[0]), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        Assert.Equal([2L, 1L, 3L], posterior[topic].shape);
        Assert.All(Inferences.Numbers(posterior[topic]).Zip(exact.Marginals.Skip(1).Take(2).SelectMany(p => p)), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        Assert.All(Inferences.Numbers(posterior[sense]).Zip(exact.Marginals.Skip(3).SelectMany(p => p)), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        var mode = posterior.Mode();
        Assert.Equal(exact.Mode.Select(value => (double)value), Inferences.Numbers(mode[style]).Concat(Inferences.Numbers(mode[topic])).Concat(Inferences.Numbers(mode[sense])));
    }

    [Fact]
    public void AVariableOutsideASubsampledPlateIsRefused()
    {
        using var scope = NewDisposeScope();
        var model = Corpus(10, 12, out var style, out var topic, out var sense);
        var svi = Svi.For(model, Guide.For(model).SumOut(style, topic, sense).Build(), Elbo.Enumerated(), Inferences.Still);
        // log Σ_topic of 3 words out of 12, each counted four times, has no expectation that bounds that of all 12.
        var thrown = Assert.Throws<ModelException>(() => svi.Evaluate(Data()));
        Assert.Contains("is no bound on theirs. Give the whole data, or the guide a site for 'topic'", thrown.Problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void VariablesOfTwoPlatesThatMeetInTheirUnionAreRefused()
    {
        using var scope = NewDisposeScope();
        var model = Model.Program<Tensor>("grid", (run, x) =>
        {
            Tensor row, column;
            using (run.Plate("rows", 2, axis: -2))
            {
                row = run.Sample(Row, Bernoulli.FromProbs(0.5));
            }

            using (run.Plate("columns", 3, axis: -1))
            {
                column = run.Sample(Column, Bernoulli.FromProbs(0.5));
            }

            using (run.Plate("rows", 2, axis: -2))
            using (run.Plate("columns", 3, axis: -1))
            {
                run.Observe(Seen, new Normal(row + column, 1), x);
            }
        });
        var thrown = Assert.Throws<ModelException>(() => DiscretePosterior.Of(model, Guide.Program<Tensor>(model, (_, _) => { }), Data(), new RandomKey(1)));
        Assert.Equal("'row' (in plate rows) and 'column' (in plate columns) are read together in plate rows, columns: every element of one plate is tied to every element of the other, and their sum has no exact form in polynomial time (Obermeyer et al. 2019). Give the guide a site for one of them or more that is not enumerated, or write one of them without its own plate.", thrown.Problems[0]);
    }

    [Fact]
    public void OneVariableInTwoPlatesThatOverlapIsSummedOut()
    {
        // A column's variable under a global one, read in rows × columns: the rows are a product, then the columns, then the sum.
        using var scope = NewDisposeScope();
        var model = Model.Program<Tensor>("columns", (run, x) =>
        {
            var all = run.Sample(Row, Bernoulli.FromProbs(0.3));
            using var columns = run.Plate("columns", 3, axis: -1);
            var column = run.Sample(Column, Bernoulli.FromProbs(0.2 + (0.5 * all)));
            using var rows = run.Plate("rows", 2, axis: -2);
            run.Observe(Seen, new Normal(all + column, 1), x);
        });
        var exact = new AllStates([2, 2, 2, 2], state => Math.Log(state[0] == 1 ? 0.3 : 0.7) + Enumerable.Range(0, 3).Sum(c =>
            Math.Log(state[1 + c] == 1 ? 0.2 + (0.5 * state[0]) : 0.8 - (0.5 * state[0])) + Enumerable.Range(0, 2).Sum(r => Normal(Words[r, c], state[0] + state[1 + c]))));
        Assert.Equal(exact.LogEvidence, DiscretePosterior.Of(model, Guide.Program<Tensor>(model, (_, _) => { }), Data(), new RandomKey(1)).LogEvidence, 1e-5);
    }

    private static readonly Latent Row = new("row");
    private static readonly Latent Column = new("column");
    private static readonly Observed Seen = new("x");

    private static Tensor Data() => tensor(Words, ScalarType.Float32);

    private static double LogDensity(double x, int sense) => Normal(x, Locs[sense]);

    private static double Normal(double x, double loc) => (-0.5 * (x - loc) * (x - loc)) - (0.5 * Math.Log(2 * Math.PI));

    private static Model<Tensor> Corpus(long documents, long words, out Latent style, out Latent topic, out Latent sense)
    {
        Parameter locs = new(tensor(Locs, ScalarType.Float32));
        var model = Model.Given<Tensor>("corpus").Sample("style", Categorical.FromProbs(Style), out var s)
            .Plate("documents", documents, data => data.shape[0], axis: -2)
            .Sample("topic", scope => Categorical.FromProbs(tensor(Topic, ScalarType.Float32).RowAt(scope[s])), out var t)
            .Plate("words", words, data => data.shape[1], axis: -1)
            .Sample("sense", scope => Categorical.FromProbs(tensor(Sense, ScalarType.Float32).RowAt(scope[t])), out var k)
            .Observe("x", scope => new Normal(locs.At(scope[k]), 1), out _).Build();
        (style, topic, sense) = (s, t, k);
        return model;
    }
}
