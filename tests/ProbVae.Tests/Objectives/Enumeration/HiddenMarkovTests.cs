using ProbVae.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives.Enumeration;

/// <summary>A hidden Markov model of three states: evidence, gradients, smoothed states and Viterbi's path against the classic algorithms in float64.</summary>
public sealed class HiddenMarkovTests
{
    private static readonly double[] Start = [0.6, 0.3, 0.1];
    private static readonly double[,] Transition = { { 0.8, 0.15, 0.05 }, { 0.1, 0.7, 0.2 }, { 0.25, 0.25, 0.5 } };
    private static readonly double[] Locs = [-1, 0.5, 2];
    private static readonly Latent Z = new("z");

    [Fact]
    public void FiveStepsAreTheSumOverAllPaths()
    {
        using var scope = NewDisposeScope();
        var x = Series(5);
        var exact = new AllStates([3, 3, 3, 3, 3], path => LogJoint(path, x));
        var posterior = Posterior(x, out var elbo);
        Assert.Equal(exact.LogEvidence, elbo, 1e-5);
        Assert.Equal(exact.LogEvidence, posterior.LogEvidence, 1e-5);
        var mode = posterior.Mode();
        for (var t = 0; t < 5; t++)
        {
            Assert.All(Inferences.Numbers(posterior[Z[t]]).Zip(exact.Marginals[t]), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
            Assert.Equal(exact.Mode[t], mode[Z[t]].ToInt64());
        }
    }

    [Fact]
    public void TwoHundredStepsAreForwardAndBackward()
    {
        using var scope = NewDisposeScope();
        var x = Series(200);
        var (evidence, smoothed) = ForwardBackward(x);
        var posterior = Posterior(x, out var elbo);
        // float32 over 200 steps: measured 2e-7 of log p(x) and 2e-6 of a probability; the bounds leave a factor of ten.
        Assert.Equal(evidence, elbo, 2e-6 * Math.Abs(evidence));
        for (var t = 0; t < 200; t++)
        {
            Assert.All(Inferences.Numbers(posterior[Z[t]]).Zip(smoothed[t]), pair => Assert.Equal(pair.Second, pair.First, 2e-5));
        }
    }

    [Fact]
    public void TheLikeliestPathIsViterbis()
    {
        using var scope = NewDisposeScope();
        var x = Series(200);
        var mode = Posterior(x, out _).Mode();
        int[] path = [.. Enumerable.Range(0, 200).Select(t => (int)mode[Z[t]].ToInt64())];
        Assert.Equal(Viterbi(x), LogJoint(path, x), 1e-3);
    }

    [Fact]
    public void GradientsAreThoseOfTheForwardAlgorithm()
    {
        using var scope = NewDisposeScope();
        var x = Series(60);
        Parameter locs = new(tensor(Locs, ScalarType.Float32));
        var model = Chain(locs);
        Svi.For(model, Guide.Program<Tensor>(model, (_, _) => { }), Elbo.Enumerated(), Inferences.Still).Step(tensor(x, ScalarType.Float32));

        // Fisher's identity: the gradient of log p(x) in a state's location is the sum over t of its smoothed probability times (x - loc).
        var smoothed = ForwardBackward(x).Smoothed;
        for (var k = 0; k < 3; k++)
        {
            Assert.Equal(-Enumerable.Range(0, 60).Sum(t => smoothed[t][k] * (x[t] - Locs[k])), locs.grad![k].ToDouble(), 2e-4);
        }
    }

    [Fact]
    public void SequencesInAPlateEndWhereTheirMasksDo()
    {
        using var scope = NewDisposeScope();
        Parameter locs = new(tensor(Locs, ScalarType.Float32));
        var (seen, start, transition) = (new Observed("x"), tensor(Start, ScalarType.Float32), tensor(Transition, ScalarType.Float32));
        var lengths = tensor(new long[] { 7, 3, 5 });
        var model = Model.Program<Tensor>("hmm", (run, x) =>
        {
            using var sequences = run.Plate("sequences", 3);
            Tensor? before = null;
            foreach (var t in run.Markov((int)x.shape[1]))
            {
                var runs = lengths.gt(t);
                before = run.Sample(Z[t], Categorical.FromProbs(before is null ? start.expand(3, 3) : transition.RowAt(before)).Mask(runs));
                run.Observe(seen[t], new Normal(locs.At(before), 1).Mask(runs), x[TensorIndex.Colon, t]);
            }
        });
        var series = Series(7);
        var data = tensor(series, ScalarType.Float32).expand(3, 7);
        var elbo = Svi.For(model, Guide.Program<Tensor>(model, (_, _) => { }), Elbo.Enumerated(), Inferences.Still).Step(data).Elbo;
        // What a mask leaves out counts for nothing, though each left-out variable still goes through three values.
        Assert.Equal(new[] { 7, 3, 5 }.Sum(length => ForwardBackward(series[..length]).Evidence), elbo, 1e-4);
    }

    private static double Viterbi(double[] x)
    {
        double[] best = [.. Enumerable.Range(0, 3).Select(k => Math.Log(Start[k]) + LogDensity(x[0], k))];
        foreach (var value in x.Skip(1))
        {
            best = [.. Enumerable.Range(0, 3).Select(k => Enumerable.Range(0, 3).Max(j => best[j] + Math.Log(Transition[j, k])) + LogDensity(value, k))];
        }

        return best.Max();
    }

    private static DiscretePosterior Posterior(double[] x, out double elbo)
    {
        Parameter locs = new(tensor(Locs, ScalarType.Float32));
        var model = Chain(locs);
        var guide = Guide.Program<Tensor>(model, (_, _) => { });
        var data = tensor(x, ScalarType.Float32);
        elbo = Svi.For(model, guide, Elbo.Enumerated(), Inferences.Still).Step(data).Elbo;
        return DiscretePosterior.Of(model, guide, data, new RandomKey(1));
    }

    private static Model<Tensor> Chain(Tensor locs)
    {
        var (seen, start, transition) = (new Observed("x"), tensor(Start, ScalarType.Float32), tensor(Transition, ScalarType.Float32));
        return Model.Program<Tensor>("hmm", (run, x) =>
        {
            Tensor? before = null;
            foreach (var t in run.Markov((int)x.shape[0]))
            {
                before = run.Sample(Z[t], Categorical.FromProbs(before is null ? start : transition.RowAt(before)));
                run.Observe(seen[t], new Normal(locs.At(before), 1), x[t]);
            }
        });
    }

    private static double[] Series(int length) => [.. Enumerable.Range(0, length).Select(t => (1.5 * Math.Sin(0.4 * t)) + (0.7 * Math.Cos(2.3 * t)))];

    private static double LogDensity(double x, int state) => (-0.5 * (x - Locs[state]) * (x - Locs[state])) - (0.5 * Math.Log(2 * Math.PI));

    private static double LogJoint(int[] path, double[] x)
    {
        var log = Math.Log(Start[path[0]]);
        for (var t = 0; t < x.Length; t++)
        {
            log += LogDensity(x[t], path[t]) + (t == 0 ? 0 : Math.Log(Transition[path[t - 1], path[t]]));
        }

        return log;
    }

    private static (double Evidence, double[][] Smoothed) ForwardBackward(double[] x)
    {
        var (log, forward) = (0.0, new double[x.Length][]);
        for (var t = 0; t < x.Length; t++)
        {
            forward[t] = [.. Enumerable.Range(0, 3).Select(k => Math.Exp(LogDensity(x[t], k)) * (t == 0 ? Start[k] : Enumerable.Range(0, 3).Sum(j => forward[t - 1][j] * Transition[j, k])))];
            var sum = forward[t].Sum();
            log += Math.Log(sum);
            forward[t] = [.. forward[t].Select(p => p / sum)];
        }

        var smoothed = new double[x.Length][];
        double[] backward = [1, 1, 1];
        for (var t = x.Length - 1; t >= 0; t--)
        {
            var both = forward[t].Zip(backward, (a, b) => a * b).ToArray();
            smoothed[t] = [.. both.Select(p => p / both.Sum())];
            backward = [.. Enumerable.Range(0, 3).Select(j => Enumerable.Range(0, 3).Sum(k => Transition[j, k] * Math.Exp(LogDensity(x[t], k)) * backward[k]))];
            backward = [.. backward.Select(p => p / backward.Sum())];
        }

        return (log, smoothed);
    }
}
