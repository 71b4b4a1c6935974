using ProbVae.Tests.Inference;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Objectives;

/// <summary>The score function's gradient is unbiased beside pathwise ones, with each baseline, and each of its means takes variance away.</summary>
public sealed class ScoreFunctionTests
{
    public static TheoryData<string> Variants => ["closed form", "Monte Carlo", "one by one", "decaying average", "leave one out", "network", "chosen at a reparameterized site"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void IsUnbiased(string variant)
    {
        using var bits = new BitsModel();
        using var network = nn.Linear(1, 1, dtype: ScalarType.Float64);
        var x = (Observed)bits.Model.Trace(bits.Data, new RandomKey(0)).Sites.OfType<ObservedSite>().Single().Handle;
        var elbo = variant switch
        {
            "closed form" => Elbo.ScoreFunction(8),
            "Monte Carlo" => Elbo.ScoreFunction(8, divergences: KlRegistry.Empty),
            "one by one" => Elbo.ScoreFunction(3, vectorized: false),
            "decaying average" => Elbo.ScoreFunction(8, Baseline.DecayingAverage()),
            "leave one out" => Elbo.ScoreFunction(8, Baseline.LeaveOneOut, divergences: KlRegistry.Empty),
            "network" => Elbo.ScoreFunction(8, Baseline.Network(network, x)),
            _ => Elbo.Trace(8).At(bits.Mu, SiteChoice.ScoreFunction(Baseline.LeaveOneOut)).At(bits.Z, SiteChoice.ScoreFunction(), SiteChoice.ClosedFormKl),
        };
        using var svi = bits.Svi(elbo);
        var (losses, gradients) = EstimatorRuns.Take(svi, bits.Data, bits.Parameters, 400);
        Inferences.AssertEstimates(-BitsModel.Elbo(bits.At), Inferences.Mean(losses), $"{variant}: loss");
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(at => -BitsModel.Elbo(at), bits.At), variant);
    }

    [Fact]
    public void PlatesAndBaselinesTakeVarianceAway()
    {
        // Measured, of six bits' gradients at four particles: 147.7 as one event, 11.1 in a plate, 5.0 with a decaying average, 4.5 leaving one out.
        double Variance(bool plates, Baseline? baseline)
        {
            using var bits = new BitsModel(plates);
            using var svi = bits.Svi(Elbo.ScoreFunction(4, baseline, divergences: KlRegistry.Empty));
            var gradients = EstimatorRuns.Take(svi, bits.Data, [bits.L], 300).Gradients;
            EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(at => -BitsModel.Elbo(at), bits.At)[2..], $"plates {plates}, {baseline}");
            return EstimatorRuns.Variance(gradients[20..]);
        }

        var (joint, byPlate, average, others) = (Variance(false, null), Variance(true, null), Variance(true, Baseline.DecayingAverage()), Variance(true, Baseline.LeaveOneOut));
        var found = $"one event {joint:F3}, plate {byPlate:F3}, decaying average {average:F3}, leave one out {others:F3}";
        Assert.True(byPlate < joint / 6, $"{found}; bound: a sixth of one event's.");
        Assert.True(average < 0.7 * byPlate, $"{found}; bound: 0.7 of no baseline's.");
        Assert.True(others < 0.7 * byPlate, $"{found}; bound: 0.7 of no baseline's.");
    }

    [Fact]
    public void AQuantityComputedOverAPlateCouplesItsElements()
    {
        // n = Σ z_i is computed outside the plate and every x_j reads it, so z_i answers for all x_j: eight states, summed exactly.
        using Parameter l = new(tensor([-0.4, 0.9, 0.2]));
        double[] xs = [0.5, 2.2, 1.4];
        var (z, n, x) = (new Latent("z"), new Deterministic("n"), new Observed("x"));
        var model = Model.Program<Tensor>("coupled", (run, data) =>
        {
            Tensor bits;
            using (run.Plate("rows", 3))
            {
                bits = run.Sample(z, Bernoulli.FromLogits(zeros(3, ScalarType.Float64)));
            }

            var count = run.Deterministic(n, bits.sum(dim: -1));
            using (run.Plate("rows", 3))
            {
                run.Observe(x, new Normal(count, 1), data);
            }
        });
        var guide = Guide.Program(model, (run, _) =>
        {
            using var rows = run.Plate("rows", 3);
            run.Sample(z, Bernoulli.FromLogits(l));
        });

        double Exact(double[] at) => -Enumerable.Range(0, 8).Sum(state =>
        {
            int[] bits = [state & 1, (state >> 1) & 1, (state >> 2) & 1];
            var mass = bits.Select((bit, i) => 1 / (1 + Math.Exp(bit == 1 ? -at[i] : at[i]))).Aggregate(1.0, (product, one) => product * one);
            return mass * ((3 * Math.Log(0.5)) - Math.Log(mass) + xs.Sum(value => LocalModel.LogNormal(value, bits.Sum(), 1)));
        });

        using var data = tensor(xs);
        using var svi = Svi.For(model, guide, Elbo.ScoreFunction(4, vectorized: false), Inferences.Still);
        var gradients = EstimatorRuns.Take(svi, data, [l], 300).Gradients;
        EstimatorRuns.AssertUnbiased(gradients, GaussHermite.Gradient(Exact, Inferences.Numbers(l)), "coupled");
    }

    [Fact]
    public void TheNetworkLearnsWhatTheCostIs()
    {
        using var bits = new BitsModel();
        using var network = nn.Sequential(nn.Linear(1, 16, dtype: ScalarType.Float64), nn.Tanh(), nn.Linear(16, 1, dtype: ScalarType.Float64));
        var x = (Observed)bits.Model.Trace(bits.Data, new RandomKey(0)).Sites.OfType<ObservedSite>().Single().Handle;
        double Variance(Baseline? baseline)
        {
            // The guide stays where it is, at a learning rate of 0: only the network's parameters move.
            using var svi = Svi.For(bits.Model, bits.Guide, Elbo.ScoreFunction(4, baseline), parameters => optim.Adam(
            [
                new TorchSharp.Modules.Adam.ParamGroup(parameters.Where(bits.Parameters.Contains), lr: 0),
                new TorchSharp.Modules.Adam.ParamGroup(parameters.Where(parameter => !bits.Parameters.Contains(parameter)).DefaultIfEmpty(new Parameter(tensor(0.0))), lr: 0.02),
            ]), seed: 3);
            return EstimatorRuns.Variance(EstimatorRuns.Take(svi, bits.Data, [bits.L], 500).Gradients[300..]);
        }

        var (without, with) = (Variance(null), Variance(Baseline.Network(network, x)));
        Assert.True(with < 0.6 * without, $"variance {with:F4} with a learnt baseline, {without:F4} without; bound: 0.6.");
    }

    [Fact]
    public void ALearningBaselineServesOneInference()
    {
        using var bits = new BitsModel();
        var elbo = Elbo.ScoreFunction(2, Baseline.DecayingAverage());
        using var first = bits.Svi(elbo);
        using var second = bits.Svi(elbo);
        first.Step(bits.Data);
        first.Step(bits.Data);
        Assert.Equal(
            "Site 'z': its decaying-average baseline (0.9) already learns in another inference; give each inference an objective with a baseline of its own.",
            Assert.Throws<ModelException>(() => second.Step(bits.Data)).Problems.Single());
        Assert.True(double.IsFinite(second.Evaluate(bits.Data).Elbo), "an evaluation learns nothing, so it may.");
    }

    [Fact]
    public void ACheckpointHoldsTheAverages()
    {
        double[] Continue(bool interrupted)
        {
            using var bits = new BitsModel();
            using var svi = bits.Svi(Elbo.ScoreFunction(2, Baseline.DecayingAverage()));
            EstimatorRuns.Take(svi, bits.Data, [bits.L], 5);
            if (!interrupted)
            {
                return EstimatorRuns.Take(svi, bits.Data, [bits.L], 2).Gradients[1];
            }

            using var resumed = bits.Svi(Elbo.ScoreFunction(2, Baseline.DecayingAverage()));
            resumed.Load(new MemoryStream(Inferences.Snapshot(svi)));
            return EstimatorRuns.Take(resumed, bits.Data, [bits.L], 2).Gradients[1];
        }

        Assert.Equal(Continue(interrupted: false), Continue(interrupted: true));
    }

    [Fact]
    public void OneParticleHasNoOthers()
    {
        using var bits = new BitsModel();
        using var svi = bits.Svi(Elbo.ScoreFunction(1, Baseline.LeaveOneOut));
        Assert.StartsWith("Site 'z': the leave-one-out baseline is the mean of the other particles", Assert.Throws<ModelException>(() => svi.Step(bits.Data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ImpossibleBaselinesAreRefused()
    {
        Assert.StartsWith("Baseline.DecayingAverage: the decay is 1; give a number from 0 to less than 1.", Assert.Throws<ArgumentOutOfRangeException>(() => Baseline.DecayingAverage(1)).Message, StringComparison.Ordinal);
        using var network = nn.Linear(1, 1);
        Assert.StartsWith("Baseline.Network: no input was given", Assert.Throws<ArgumentException>(() => Baseline.Network(network)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void FreeBitsNeedNoAxisOfParticles(bool vectorized)
    {
        using Parameter logit = new(tensor(0.4f)), loc = new(tensor(1f));
        var model = Model.Given<Tensor>("bit").Sample("z", Bernoulli.FromProbs(0.5), out var z).Observe("x", s => new Normal(s[z].mul(loc), 1), x => x, out _).Build();
        var guide = Guide.For(model).Sample(z, _ => Bernoulli.FromLogits(logit)).Build();
        var elbo = Elbo.ScoreFunction(1, vectorized: vectorized).At(z, SiteChoice.MonteCarloKl).WithKlWeight(KlWeight.FreeBits(0.3));
        using var svi = Svi.For(model, guide, elbo, Inferences.Still, seed: 3);
        var step = svi.Step(tensor(0.7f));
        Assert.Equal(Math.Max(0.3, step.Kl) - step.LogLikelihood, step.Loss, 1e-6);
    }
}
