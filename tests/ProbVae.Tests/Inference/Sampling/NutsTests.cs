using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference.Sampling;

/// <summary>The sampler on models: posteriors that are known, starts, reports, refusals.</summary>
public sealed class NutsTests
{
    private static readonly RandomKey Key = new(7);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AConjugatePosteriorIsFound(bool vectorized)
    {
        // z | x ~ N(30 / 21, 1 / √21).
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate();
        var posterior = Nuts.Sample(conjugate.Model, conjugate.Data, Key, chains: vectorized ? 4 : 2, warmup: 150, draws: 250, options: new() { Vectorized = vectorized });
        AssertRow(posterior.Summary()["z"], Conjugate.Mean, 1 / Math.Sqrt(21));
        Assert.Equal((vectorized, vectorized ? 4 : 2, 250), (posterior.Chains!.IsVectorized, posterior.Chains.Count, posterior.Chains.Draws));
        Assert.Empty(posterior.Chains.Divergences);
        Assert.Equal(vectorized ? 1000 : 500, posterior.Draws);
    }

    [Fact]
    public void BoundedNumbersAndComputedOnesHaveTheirMoments()
    {
        // p | 7 of 10 ~ Beta(9, 6): mean 0.6, variance 0.6 · 0.4 / 16.
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("coin").Sample("p", new Beta(2, 3), out var p).Deterministic("odds", s => s[p] / (1 - s[p]), out var odds)
            .Observe("heads", s => Binomial.FromProbs(10, s[p]), out _).Build();
        var posterior = Nuts.Sample(model, tensor(7f), Key, warmup: 200, draws: 400);
        Assert.Equal([p, odds], posterior.Sites);
        var summary = posterior.Summary();
        AssertRow(summary["p"], 0.6, Math.Sqrt(0.24 / 16));

        // E[p / (1 − p)] = 9 / 5; E[(p / (1 − p))²] = 9 · 10 / (5 · 4).
        AssertRow(summary["odds"], 1.8, Math.Sqrt(4.5 - 3.24));
        Assert.Equal(Inferences.Numbers(posterior[p] / (1 - posterior[p])), Inferences.Numbers(posterior[odds]), (x, y) => Math.Abs(x - y) < 1e-4);
    }

    [Fact]
    public void SummedOutVariablesAreBehindWhatIsComputed()
    {
        using var scope = NewDisposeScope();
        double[] x = [2.1, -0.4, 1.6, 0.3];
        var model = Model.Given<Tensor>("mixture").Sample("mu", new Normal(0, 2), out var mu).Plate("rows", total: 4)
            .Sample("z", _ => Bernoulli.FromProbs(0.4), out var z).Deterministic("mean", s => s[z] * s[mu], out var mean)
            .Observe("x", s => new Normal(s[mean], 1), out _).Build();
        var posterior = Nuts.Sample(model, tensor(x, ScalarType.Float32), Key, warmup: 150, draws: 250);
        Assert.Equal([mu, mean], posterior.Sites);
        Assert.Equal([1000, 4], posterior[mean].shape);

        // By quadrature.
        double Density(double m) => Math.Exp(-m * m / 8) * x.Aggregate(1.0, (product, value) => product * ((0.6 * Math.Exp(-value * value / 2)) + (0.4 * Math.Exp(-(value - m) * (value - m) / 2))));
        var grid = Enumerable.Range(-4000, 8001).Select(i => i / 400.0).ToArray();
        var mass = grid.Sum(Density);
        var expected = grid.Sum(m => m * Density(m)) / mass;
        AssertRow(posterior.Summary()["mu"], expected, Math.Sqrt((grid.Sum(m => m * m * Density(m)) / mass) - (expected * expected)));

        // P(z_0 = 1 | x), by the same grid; draws of a state are nearly independent.
        var share = grid.Sum(m => Density(m) * 0.4 * Math.Exp(-(2.1 - m) * (2.1 - m) / 2) / ((0.6 * Math.Exp(-2.1 * 2.1 / 2)) + (0.4 * Math.Exp(-(2.1 - m) * (2.1 - m) / 2)))) / mass;
        Assert.Equal(share, posterior[mean].select(1, 0).ne(0).to(ScalarType.Float64).mean().ToDouble(), 4.5 * Math.Sqrt(share * (1 - share) / 400));
        Assert.Contains("summed out", Assert.Throws<ModelException>(() => posterior[z]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameKeyGivesTheSameDrawsBitForBit()
    {
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate();
        double[] Draws(long seed) => Inferences.Numbers(Nuts.Sample(conjugate.Model, conjugate.Data, new RandomKey(seed), chains: 2, warmup: 40, draws: 20) is var posterior ? posterior[posterior.Sites[0]] : null!);
        var first = Draws(1);
        Assert.Equal(first, Draws(1));
        Assert.NotEqual(first, Draws(2));
    }

    [Fact]
    public void AProgramThatTakesNoAxisRunsChainByChain()
    {
        // w ~ N(0, 1)³, x ~ N(Σ w, 1): the sum over all axes would mix the chains. Σ w | x = 2 ~ N(1.5, √0.75).
        using var scope = NewDisposeScope();
        var w = new Latent("w");
        var model = Model.Program<Tensor>("sum", (run, x) => run.Observe(new Observed("x"), new Normal(run.Sample(w, Normal.Standard(3)).sum(), 1), x));
        var posterior = Nuts.Sample(model, tensor(2f), Key, chains: 2, warmup: 100, draws: 150);
        Assert.False(posterior.Chains!.IsVectorized);
        var sums = Inferences.Numbers(posterior[w].sum(-1));
        var error = ChainStatistics.Of([.. sums.Chunk(150)], new RankNormalization(300)).MeanError;
        Assert.InRange((sums.Average() - 1.5) / error, -4.5, 4.5);
    }

    [Fact]
    public void AGuideAndValuesAreStarts()
    {
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate(loc: Conjugate.Mean, logScale: -0.5 * Math.Log(21));
        var model = conjugate.Model;
        var guided = Nuts.Sample(model, conjugate.Data, Key, chains: 2, warmup: 60, draws: 100, from: conjugate.Guide, options: new() { MassMatrix = MassMatrix.Dense });
        AssertRow(guided.Summary()["z"], Conjugate.Mean, 1 / Math.Sqrt(21));

        // Without warmup the first draw has not come far from the start, 900 sds from the posterior.
        var far = Nuts.Sample(model, conjugate.Data, Key, chains: 1, warmup: 0, draws: 4, options: new() { Init = InitTo.Value(((Latent)guided.Sites[0], 200)), MaxDepth = 1 });
        Assert.InRange(Inferences.Numbers(far[far.Sites[0]])[0], 20, 201);
    }

    [Fact]
    public void WhatAMaskLeavesOutKeepsItsPrior()
    {
        // z_1 is left out of prior and data; it has its prior's moments and z_0 its posterior's, N(1, 1/√2) given x_0 = 2.
        using var scope = NewDisposeScope();
        var mask = tensor(new[] { true, false });
        var model = Model.Given<Tensor>("padded").Plate("rows", total: 2).Sample("z", _ => new Normal(0, 1).Mask(mask), out var z)
            .Observe("x", s => new Normal(s[z], 1).Mask(mask), out _).Build();
        var summary = Nuts.Sample(model, tensor(new[] { 2f, 9 }), Key, warmup: 150, draws: 300).Summary();
        AssertRow(summary["z[0]"], 1, Math.Sqrt(0.5));
        AssertRow(summary["z[1]"], 0, 1);
    }

    [Fact]
    public void CancellationKeepsWhatWasDrawn()
    {
        using var scope = NewDisposeScope();
        var conjugate = new Conjugate();
        using var source = new CancellationTokenSource();
        var seen = new List<NutsIteration>();
        var progress = new Told(iteration =>
        {
            seen.Add(iteration);
            if (iteration is { Chain: 0, Iteration: 80 })
            {
                source.Cancel();
            }
        });
        var posterior = Nuts.Sample(conjugate.Model, conjugate.Data, Key, chains: 2, warmup: 40, draws: 1000, options: new() { Progress = progress }, cancellation: source.Token);
        Assert.True(posterior.Chains!.WasCancelled);
        Assert.InRange(posterior.Chains.Draws, 4, 40);
        Assert.Equal(2 * posterior.Chains.Draws, posterior.Draws);
        Assert.Equal(40, seen.Count(iteration => iteration is { Chain: 0, IsWarmup: true }));
        Assert.All(seen, iteration => Assert.Equal(1040, iteration.Of));
        Assert.Throws<OperationCanceledException>(() => Nuts.Sample(conjugate.Model, conjugate.Data, Key, cancellation: source.Token));
    }

    [Fact]
    public void TheSummaryHasChainsColumnsAndWarnings()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("two modes").Sample("mu", new Normal(0, 10), out var mu)
            .Observe("x", s => new Normal(s[mu].square(), 1), out _).Build();
        var posterior = Nuts.Sample(model, tensor(25f), Key, chains: 4, warmup: 100, draws: 100);
        var summary = posterior.Summary();
        Assert.Contains("R-hat  bulk size", summary.ToString(), StringComparison.Ordinal);
        Assert.Contains(summary.Warnings, warning => warning.StartsWith("R-hat is above 1.01 for 1 of 1 numbers", StringComparison.Ordinal));
        Assert.Contains("4 chains of 100 draws", posterior.Chains!.ToString(), StringComparison.Ordinal);

        var conjugate = new Conjugate();
        var guide = Posterior.Of(conjugate.Model, conjugate.Guide, conjugate.Data, 50).Summary();
        Assert.Empty(guide.Warnings);
        Assert.Null(guide.Rows[0].Chains);
        Assert.DoesNotContain("R-hat", guide.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatCannotBeSampledIsRefusedInASentence()
    {
        using var scope = NewDisposeScope();
        var one = tensor(1f);
        void Refused(string words, Model<Tensor> model) => Assert.Contains(words, Assert.Throws<ModelException>(() => Nuts.Sample(model, one, Key, warmup: 1, draws: 4)).Message, StringComparison.Ordinal);
        Refused("has no latent variable", Model.Given<Tensor>("none").Observe("x", _ => new Normal(0, 1), out _).Build());
        Refused("discrete latent variables only", Model.Given<Tensor>("discrete").Sample("z", Bernoulli.FromProbs(0.5), out var z).Observe("x", s => new Normal(s[z], 1), out _).Build());
        Refused("can be neither moved nor summed out", Model.Given<Tensor>("counts").Sample("n", Poisson.FromRate(3), out var n).Sample("m", new Normal(0, 1), out var m).Observe("x", s => new Normal(s[n] + s[m], 1), out _).Build());
        Refused("depends on other latent variables", Model.Given<Tensor>("bounds").Sample("b", new Exponential(1), out var b).Sample("u", s => new Uniform(0, s[b]), out var u).Observe("x", s => new Normal(s[u], 1), out _).Build());
        Refused("is blocked", Model.Given<Tensor>("blocked").Sample("a", new Normal(0, 1), out var a).Sample("c", s => new Normal(s[a], 1), out var c).Observe("x", s => new Normal(s[c], 1), out _).Build().Block(a));
        Refused("Substitute gives its value", Model.Given<Tensor>("held").Sample("h", new Normal(0, 1), out var h).Observe("x", s => new Normal(s[h], 1), out _).Build().Substitute(h, 0.5));
        Refused("Give the whole data", Model.Given<Tensor>("batch").Sample("e", new Normal(0, 1), out var e).Plate("rows", total: 10, batch: _ => 1).Observe("x", s => new Normal(s[e], 1), d => d.reshape(1), out _).Build());
        Refused("not finite at any of 100 draws from the prior", Model.Given<Tensor>("impossible").Sample("q", new Normal(0, 1), out var q).Observe("x", s => new Normal(s[q] * double.NaN, 1), out _).Build());
        var dropout = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5));
        Refused("Call eval()", Model.Given<Tensor>("dropout").Sample("f", new Normal(zeros(1), 1), out var f).Observe("x", s => new Normal(s.Call(dropout, s[f]).squeeze(-1), 1), out _).Build());
        var conjugate = new Conjugate();
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Sample(conjugate.Model, conjugate.Data, Key, chains: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Sample(conjugate.Model, conjugate.Data, Key, draws: 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Sample(conjugate.Model, conjugate.Data, Key, options: new() { TargetAcceptance = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Nuts.Sample(conjugate.Model, conjugate.Data, Key, options: new() { MaxDepth = 0 }));
    }

    /// <summary>Geweke 2004, Getting It Right: data drawn anew given the parameters, and a transition given the data, leave the prior as it is.</summary>
    [Fact]
    public void TheJointDistributionIsLeftAsItIs()
    {
        using var scope = NewDisposeScope();
        var model = Model.Given<Tensor>("joint").Sample("mu", new Normal(0, 1), out var centre).Sample("tau", new LogNormal(0, 0.5), out var spread)
            .Plate("rows", total: 3).Observe("x", s => new Normal(s[centre], s[spread]), out _).Build();
        var data = zeros(3, ScalarType.Float32);
        using var density = new UnconstrainedPosterior<Tensor>(model, data, Key, new());
        var (metric, mu, tau) = (Metric.Of([1.0, 0.3], 2), new double[2500], new double[2500]);
        double[] here = [0, 0];
        for (var i = 0; i < mu.Length; i++)
        {
            var random = new KeyedNumbers(Key.Fold(i));
            using (var step = NewDisposeScope())
            {
                data.copy_(tensor(Enumerable.Range(0, 3).Select(_ => (float)(here[0] + (Math.Exp(here[1]) * random.Normal()))).ToArray()));
            }

            var start = new PhasePoint(here);
            density.Evaluate([start]);
            var trajectory = new Trajectory(start.With(metric.Momentum(random), metric), 0.7, metric, 6, random);
            foreach (var point in trajectory.Run())
            {
                density.Evaluate([point]);
            }

            here = trajectory.Sample.Position;
            (mu[i], tau[i]) = (here[0], here[1]);
        }

        void Holds(double expected, double[] values)
        {
            var error = ChainStatistics.Of([values], new RankNormalization(values.Length)).MeanError;
            Assert.InRange((values.Average() - expected) / error, -4, 4);
        }

        Holds(0, mu);
        Holds(1, Array.ConvertAll(mu, x => x * x));
        Holds(0, tau);
        Holds(0.25, Array.ConvertAll(tau, x => x * x));
        Holds(0, [.. mu.Zip(tau, (x, y) => x * y)]);
    }

    private static void AssertRow(SummaryRow row, double mean, double deviation)
    {
        Assert.InRange((row.Mean - mean) / row.Chains!.MeanError, -4, 4);
        Assert.InRange((row.StandardDeviation - deviation) / row.Chains.DeviationError, -4.5, 4.5);
        Assert.InRange(row.Chains.RHat, 0.98, 1.05);
    }

    private sealed class Told(Action<NutsIteration> told) : IProgress<NutsIteration>
    {
        public void Report(NutsIteration value) => told(value);
    }
}
