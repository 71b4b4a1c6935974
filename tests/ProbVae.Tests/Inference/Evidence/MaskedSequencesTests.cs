using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace ProbVae.Tests.Inference;

/// <summary>Case C3: sequences of different lengths, whose steps beyond the end are masked: what reads a masked draw is masked too.</summary>
public sealed class MaskedSequencesTests
{
    private const double Keep = 0.8;
    private static readonly int[] Lengths = [4, 2, 1];
    private static readonly float[][] Values = [[0.5f, 1.2f, -0.3f, 0.9f], [-1.1f, 0.4f], [2f]];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EvidenceAndWeightedBoundsAreThoseOfTheCountedSteps(bool nested)
    {
        using var scope = NewDisposeScope();
        var (model, guide, z, _, data) = Sequences(4, nested);
        var estimate = Evidence.ByImportance(model, guide, data, new RandomKey(1), draws: 4000);
        Assert.Equal(3, estimate.Elements.Count);
        for (var i = 0; i < 3; i++)
        {
            Inferences.AssertEstimates(Exact(Values[i]), (estimate.Elements[i].LogEvidence, estimate.Elements[i].StandardError), $"sequence {i}");
        }

        // L_K is within (1 / effective share − 1) / (2 K) of log p(x): a thousandth of a nat here; 0.05 is 4 standard errors of one estimate.
        using var svi = Inferences.Svi(model, guide, Elbo.Iwae(2));
        Assert.Equal(Values.Sum(Exact), -svi.Evaluate(data, Elbo.Iwae(4000)).Loss, 0.15);
        Assert.Equal([7, 3], svi.Posterior(data, draws: 7)[z[3]].shape);
        using var predicted = Predictive.Posterior(model, guide, data, new RandomKey(2), draws: 5);
        Assert.Equal([5, 3], predicted[z[0]].shape);
    }

    [Fact]
    public void ADrawThatTheLastCountedStepAloneIsReadFromIsNoneThatIsLeftOut()
    {
        // A site after the loop reads each sequence's last counted step, and no other.
        using var scope = NewDisposeScope();
        var (z, end) = (new Latent("z"), new Observed("end"));
        var model = Model.Program<Tensor>("ends", (run, data) =>
        {
            using var plate = run.Plate("sequences", 3);
            var states = Enumerable.Range(0, 4).Select(t => run.Sample(z[t], new Normal(0, 1).Expand(new Shape([3])).Mask(Counted(t)))).ToList();
            var last = where(Counted(3), states[3], where(Counted(1), states[1], states[0]));
            run.Observe(end, new Normal(last, 1), data);
        });
        var guide = Guide.Program<Tensor>(model, (run, _) =>
        {
            using var plate = run.Plate("sequences", 3);
            for (var t = 0; t < 4; t++)
            {
                run.Sample(z[t], new Normal(0, 1).Expand(new Shape([3])).Mask(Counted(t)));
            }
        });
        var data = tensor(new[] { 0.5f, -1, 2 });
        var estimate = Evidence.ByImportance(model, guide, data, new RandomKey(3), draws: 20_000);
        foreach (var (element, x) in estimate.Elements.Zip([0.5, -1, 2]))
        {
            Inferences.AssertEstimates((-0.5 * Math.Log(4 * Math.PI)) - (x * x / 4), (element.LogEvidence, element.StandardError), $"x = {x}");
        }
    }

    [Fact]
    public void ARefusalOfManyStepsIsAFewLines()
    {
        using var scope = NewDisposeScope();
        var (model, guide, _, _, data) = Sequences(24, nested: false, masksData: false);
        var refused = Assert.Throws<ModelException>(() => Evidence.ByImportance(model, guide, data, new RandomKey(1), draws: 100));
        Assert.Contains("a mask leaves elements of its prior out, and 'x[", refused.Message, StringComparison.Ordinal);
        Assert.InRange(refused.Message.Split('\n').Length, 1, 5);
        Assert.InRange(refused.Message.Length, 1, 600);
    }

    private static Tensor Counted(int t) => tensor(Lengths.Select(length => t < length).ToArray());

    // z_t ~ N(0.8 z_(t−1), 1), x_t ~ N(z_t, 0.5); the guide's steps are the conditional posteriors given the step before and the datum.
    private static (Model<Tensor> Model, Guide<Tensor> Guide, Latent Z, Observed X, Tensor Data) Sequences(int steps, bool nested, bool masksData = true)
    {
        var (z, x) = (new Latent("z"), new Observed("x"));
        Distribution Step(Tensor? before, int t, bool twice)
        {
            var prior = new Normal(before is null ? zeros(3) : before * Keep, 1);
            return twice ? prior.Mask(Counted(t)).Mask(ones(3, dtype: ScalarType.Bool)) : prior.Mask(Counted(t));
        }

        var model = Model.Program<Tensor>("sequences", (run, data) =>
        {
            Tensor? before = null;
            using var plate = run.Plate("sequences", 3);
            for (var t = 0; t < steps; t++)
            {
                before = run.Sample(z[t], Step(before, t, nested));
                var seen = new Normal(before, 0.5);
                run.Observe(x[t], masksData ? seen.Mask(Counted(t)) : seen, data.select(1, t));
            }
        });
        var shift = Inferences.Scalar(0);
        var guide = Guide.Program<Tensor>(model, (run, data) =>
        {
            Tensor? before = null;
            using var plate = run.Plate("sequences", 3);
            for (var t = 0; t < steps; t++)
            {
                var prior = before is null ? zeros(3) : before * Keep;
                before = run.Sample(z[t], new Normal((prior + shift + (4 * data.select(1, t))) / 5, Math.Sqrt(0.2)).Mask(Counted(t)));
            }
        });
        var data = zeros(3, steps);
        for (var i = 0; i < 3; i++)
        {
            data[i].narrow(0, 0, Values[i].Length).copy_(tensor(Values[i]));
        }

        return (model, guide, z, x, data);
    }

    private static double Exact(float[] values)
    {
        // Cov(z_s, z_t) = 0.8^(t − s) Var(z_s), Var(z_t) = 1 + 0.64 Var(z_(t−1)).
        var variances = new double[values.Length];
        for (var t = 0; t < values.Length; t++)
        {
            variances[t] = 1 + (t == 0 ? 0 : Keep * Keep * variances[t - 1]);
        }

        var covariance = CreateMatrix.Dense(values.Length, values.Length, (s, t) => (Math.Pow(Keep, Math.Abs(s - t)) * variances[Math.Min(s, t)]) + (s == t ? 0.25 : 0));
        var (x, cholesky) = (CreateVector.DenseOfEnumerable(values.Select(value => (double)value)), covariance.Cholesky());
        return -0.5 * ((values.Length * Math.Log(2 * Math.PI)) + cholesky.DeterminantLn + (x * cholesky.Solve(x)));
    }
}
