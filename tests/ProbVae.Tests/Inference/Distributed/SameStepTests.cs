using static TorchSharp.torch;

namespace ProbVae.Tests.Inference.Distributed;

/// <summary>Several ranks with a part of the rows each take the very steps of one with all of them, to rounding.</summary>
public sealed class SameStepTests
{
    // Relative to the parameters' magnitude.
    private const double Bound = 1e-5;

    public static TheoryData<string, int, int, int> Cases => new()
    {
        { "local, mean field", 2, 12, 1000 },
        { "local, mean field, 3 particles", 4, 11, 100 },
        { "local, trace", 2, 12, 1000 },
        { "local, sticking the landing", 2, 12, 1000 },
        { "local, iwae", 2, 11, 1000 },
        { "local, iwae one by one", 4, 12, 50 },
        { "local, dreg", 3, 12, 50 },
        { "local, reweighted wake-sleep", 3, 12, 50 },
        { "local, free bits", 2, 12, 50 },
        { "mixed, mean field", 2, 12, 1000 },
        { "mixed, trace, particles one by one", 4, 12, 50 },
        { "mixed, sticking the landing, 3 particles", 3, 11, 50 },
        { "mixed, score function", 2, 12, 50 },
        { "clusters, enumerated", 2, 12, 1000 },
        { "clusters, enumerated in the guide", 4, 12, 50 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void RanksTakeTheStepsOfOne(string what, int ranks, int rows, int steps)
    {
        var one = Trained(ProcessGroup.Alone);
        foreach (var rank in ThreadGroup.RunAll(ranks, Trained))
        {
            for (var i = 0; i < one.Parameters.Length; i++)
            {
                Assert.True(
                    Math.Abs(rank.Parameters[i] - one.Parameters[i]) <= Bound * Math.Max(1, Math.Abs(one.Parameters[i])),
                    $"{what}, number {i} after {steps} steps: {rank.Parameters[i]:G9} on {ranks} ranks, {one.Parameters[i]:G9} on one.");
            }

            Assert.Equal(one.Elbo, rank.Elbo, Bound * Math.Abs(one.Elbo) * 10);
            Assert.Equal(one.Loss, rank.Loss, Bound * Math.Abs(one.Loss) * 10);
        }

        (double[] Parameters, double Elbo, double Loss) Trained(IProcessGroup group)
        {
            using var scope = NewDisposeScope();
            using var svi = Made(what).Across(group);
            SviStep? last = null;
            for (var step = 0; step < steps; step++)
            {
                last = svi.Step(DividedModels.Batch(group, step, rows));
            }

            return ([.. svi.Parameters.ByName.Values.SelectMany(Inferences.Numbers)], last!.Elbo, last.Loss);
        }
    }

    private static Svi<Tensor> Made(string what) => what switch
    {
        "local, mean field" => DividedModels.Local(Elbo.MeanField()),
        "local, mean field, 3 particles" => DividedModels.Local(Elbo.MeanField(particles: 3)),
        "local, trace" => DividedModels.Local(Elbo.Trace()),
        "local, sticking the landing" => DividedModels.Local(Elbo.StickingTheLanding()),
        "local, iwae" => DividedModels.Local(Elbo.Iwae(4)),
        "local, iwae one by one" => DividedModels.Local(Elbo.Iwae(2, vectorized: false)),
        "local, dreg" => DividedModels.Local(Elbo.Dreg(3)),
        "local, reweighted wake-sleep" => DividedModels.Local(Elbo.ReweightedWakeSleep(3)),
        "local, free bits" => DividedModels.Local(Elbo.MeanField(particles: 2).WithKlWeight(KlWeight.FreeBits(0.1))),
        "mixed, mean field" => DividedModels.Mixed(Elbo.MeanField()),
        "mixed, trace, particles one by one" => DividedModels.Mixed(Elbo.Trace(particles: 2, vectorized: false)),
        "mixed, sticking the landing, 3 particles" => DividedModels.Mixed(Elbo.StickingTheLanding(particles: 3)),
        "mixed, score function" => DividedModels.Mixed(Elbo.ScoreFunction(particles: 3, baseline: Baseline.LeaveOneOut)),
        "clusters, enumerated" => DividedModels.Clusters(Elbo.Enumerated(), amortized: false),
        "clusters, enumerated in the guide" => DividedModels.Clusters(Elbo.Enumerated(particles: 2), amortized: true),
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };
}
