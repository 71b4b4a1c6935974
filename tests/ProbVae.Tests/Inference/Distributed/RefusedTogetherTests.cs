using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference.Distributed;

/// <summary>What ranks refuse, they refuse together, in a sentence, and none waits for another.</summary>
public sealed class RefusedTogetherTests
{
    [Fact]
    public void ANumberThatIsNotFiniteOnOneRank()
    {
        var failures = Failures(3, group =>
        {
            using var svi = DividedModels.Local(Elbo.MeanField()).Across(group);
            svi.Step(DividedModels.Batch(group, 0, 12));
            using var batch = DividedModels.Batch(group, 1, 12);
            if (group.Rank == 1)
            {
                batch[0] = float.NaN;
            }

            var before = Numbers(svi);
            try
            {
                svi.Step(batch);
            }
            finally
            {
                Assert.Equal(before, Numbers(svi));
                Assert.Equal(1, svi.StepCount);
                svi.Step(DividedModels.Batch(group, 1, 12));
                Assert.Equal(2, svi.StepCount);
            }
        });
        Assert.All(failures, failure => Assert.Contains("First at site 'z' of the guide", failure.Message, StringComparison.Ordinal));
        Assert.Contains("Rank 1: ", failures[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Rank 1", failures[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AGradientThatIsNotFiniteOnOneRank()
    {
        var failures = Failures(2, group =>
        {
            Parameter loc = Inferences.Scalar(0);
            var model = Model.Given<Tensor>("m").Plate("rows", 100).Observe("x", s => new Normal(loc.abs().pow(s.Data.gt(50).sum().ToSingle() > 0 ? 0.5f : 2f), 1), out _).Build();
            var guide = Guide.For(model).Build();
            using var svi = Svi.For(model, guide, Elbo.MeanField(), Inferences.Adam()).Across(group);
            svi.Step(group.Rank == 0 ? tensor([1f, 2f]) : tensor([100f, 2f]));
        });
        Assert.All(failures, failure => Assert.IsType<NonFiniteException>(failure));
        Assert.StartsWith("Rank 1: The gradient of 'loc'", failures[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seed", "The seed is 1 on rank 0 and 2 on rank 1.")]
    [InlineData("model", "The model is 'm' on rank 0 and 'other' on rank 1.")]
    [InlineData("total", "The plate is 'rows' of 100 on rank 0 and 'rows' of 200 on rank 1.")]
    [InlineData("objective", "The objective is Elbo.MeanField() on rank 0 and Elbo.Trace() on rank 1.")]
    [InlineData("shape", "The parameter is 'loc' of shape () and type Float32 on rank 0 and 'loc' of shape (1) and type Float32 on rank 1.")]
    public void WhatDiffersAtTheStart(string what, string sentence)
    {
        var failures = Failures(2, group =>
        {
            var other = group.Rank == 1 ? what : "";
            using var svi = Simple(other == "model" ? "other" : "m", other == "total" ? 200 : 100, other == "shape", other == "objective" ? Elbo.Trace() : null, other == "seed" ? 2 : 1).Across(group);
            svi.Step(tensor([1f + group.Rank, 2f]));
        });
        Assert.All(failures, failure => Assert.StartsWith(sentence, failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void ACheckpointThatOneRankLoaded()
    {
        using var trained = Simple();
        trained.Step(tensor([1f, 2f]));
        var state = Inferences.Snapshot(trained);
        var failures = Failures(2, group =>
        {
            using var svi = Simple().Across(group);
            if (group.Rank == 0)
            {
                svi.Load(new MemoryStream(state));
            }

            svi.Step(tensor([1f + group.Rank, 2f]));
        });
        Assert.All(failures, failure => Assert.StartsWith("The number of steps taken is 1 on rank 0 and 0 on rank 1.", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void TheVerySameRowsOnTwoRanks()
    {
        var failures = Failures(2, group =>
        {
            using var svi = Simple().Across(group);
            svi.Step(arange(80, ScalarType.Float32));
        });
        Assert.All(failures, failure => Assert.StartsWith("Ranks 0 and 1 have the very same rows of plate 'rows'.", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void MoreRowsThanThereAre()
    {
        var failures = Failures(2, group =>
        {
            using var svi = Simple().Across(group);
            svi.Step(arange(60, ScalarType.Float32));
        });
        Assert.All(failures, failure => Assert.Contains("60 + 60 = 120 rows, more than its total of 100", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void AModelWithoutRowsToDivide()
    {
        var failures = Failures(2, group =>
        {
            using var svi = Simple(total: 2).Across(group);
            svi.Step(tensor([1f, 2f]));
        });
        Assert.All(failures, failure => Assert.Contains("no plate is seen in part here (rows (2))", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void AnObjectiveThatWeighsAllRowsTogether()
    {
        var failures = Failures(2, group =>
        {
            using var svi = DividedModels.Mixed(Elbo.Iwae(3)).Across(group);
            svi.Step(DividedModels.Batch(group, 0, 12));
        });
        Assert.All(failures, failure => Assert.Contains("Elbo.Iwae(3) weighs whole draws", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void ABaselineThatLearns() => Assert.Contains("learns a baseline", Failures(2, group =>
        DividedModels.Mixed(Elbo.ScoreFunction(particles: 3, baseline: Baseline.DecayingAverage())).Across(group))[0].Message, StringComparison.Ordinal);

    [Fact]
    public void AGlobalVariableThatTheGuideComputesFromItsRows()
    {
        var failures = Failures(2, group =>
        {
            Parameter scale = Inferences.Scalar(0);
            var model = Model.Given<Tensor>("m").Sample("loc", new Normal(0, 1), out var loc).Plate("rows", 100).Observe("x", s => new Normal(s[loc], 1), out _).Build();
            var guide = Guide.For(model).Sample(loc, x => new Normal(x.mean(), scale.exp())).Build();
            using var svi = Svi.For(model, guide, Elbo.MeanField(), Inferences.Adam()).Across(group);
            svi.Step(tensor([1f + (5 * group.Rank), 2f]));
        });
        Assert.All(failures, failure => Assert.StartsWith("Site 'loc' stands outside of plate 'rows' and its value is not the same on all ranks", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void RunningStatisticsOfARanksOwnRows()
    {
        var failures = Failures(2, group =>
        {
            var normalize = nn.BatchNorm1d(1);
            var model = Model.Given<Tensor>("m").Plate("rows", 100).Observe("x", s => new Normal(normalize.call(s.Data.unsqueeze(-1)).squeeze(-1), 1), out _).Build();
            using var svi = Svi.For(model, Guide.For(model).Build(), Elbo.MeanField(), Inferences.Adam()).Across(group);
            for (var step = 0; step < 3; step++)
            {
                svi.Step(DividedModels.Batch(group, step, 12));
            }
        });
        Assert.All(failures, failure => Assert.StartsWith("'normalize.running_mean' is no longer the same on rank 0 and rank 1.", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void AParameterThatOneRankChanged()
    {
        var failures = Failures(2, group =>
        {
            using var svi = Simple().Across(group);
            for (var step = 0; step < 250; step++)
            {
                svi.Step(tensor([1f + group.Rank, 2f]));
                if (step == 120 && group.Rank == 1)
                {
                    using var noGrad = no_grad();
                    svi.Parameters.ByName["loc"].add_(1e-3);
                }
            }
        });
        Assert.All(failures, failure => Assert.StartsWith("'loc' is no longer the same on rank 0 and rank 1.", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void OtherStepsThanTheOthers()
    {
        var failures = Failures(2, group =>
        {
            using var svi = Simple().Across(group);
            svi.Step(tensor([1f + group.Rank, 2f]));
            _ = group.Rank == 0 ? svi.Evaluate(tensor([1f, 2f])) : svi.Step(tensor([3f, 2f]));
        });
        Assert.All(failures, failure => Assert.StartsWith("Rank 0 takes an evaluation after step 1 and rank 1 step 1;", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void AGroupAfterTheFirstStep()
    {
        using var svi = Simple();
        svi.Step(tensor([1f, 2f]));
        Assert.Contains("before the first step", Assert.Throws<InvalidOperationException>(() => svi.Across(ProcessGroup.Alone)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FewerRowsThanRanks() => Assert.All(
        Failures(2, group => group.ShareOf(1)), failure => Assert.Contains("A minibatch of 1 row cannot be divided among 2 processes", failure.Message, StringComparison.Ordinal));

    private static double[] Numbers(Svi<Tensor> svi) => [.. svi.Parameters.ByName.Values.SelectMany(Inferences.Numbers)];

    private static Svi<Tensor> Simple(string name = "m", long total = 100, bool wide = false, Elbo? elbo = null, long seed = 1)
    {
        Parameter loc = wide ? new(zeros(1)) : Inferences.Scalar(0);
        var model = Model.Given<Tensor>(name).Plate("rows", total).Observe("x", s => new Normal(loc.reshape([]), 1), out _).Build();
        return Svi.For(model, Guide.For(model).Build(), elbo ?? Elbo.MeanField(), Inferences.Adam(), seed);
    }

    private static List<Exception> Failures(int ranks, Action<IProcessGroup> program) => [.. ThreadGroup.Run(ranks, group =>
    {
        using var scope = NewDisposeScope();
        program(group);
        return 0;
    }).Select(one => Assert.IsType<Exception>(one.Failure, exactMatch: false))];
}
