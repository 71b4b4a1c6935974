using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Inference.Distributed;

/// <summary>What ranks do together beside steps.</summary>
public sealed class TogetherTests
{
    [Fact]
    public void RankZerosStateIsEverybodys()
    {
        using var trained = DividedModels.Local(Elbo.MeanField());
        for (var step = 0; step < 5; step++)
        {
            trained.Step(DividedModels.Batch(ProcessGroup.Alone, step, 12));
        }

        var state = Inferences.Snapshot(trained);
        trained.Step(DividedModels.Batch(ProcessGroup.Alone, 5, 12));
        var wanted = Numbers(trained);
        // What rank 1 has made of the parameters and Adam's moments does not count.
        foreach (var found in ThreadGroup.RunAll(2, group =>
        {
            using var scope = NewDisposeScope();
            using var svi = DividedModels.Local(Elbo.MeanField()).Across(group);
            svi.Load(new MemoryStream(state));
            if (group.Rank == 1)
            {
                using var noGrad = no_grad();
                svi.Parameters.ByName["decoder.bias"].add_(1);
            }

            svi.Step(DividedModels.Batch(group, 5, 12));
            return (Steps: svi.StepCount, Numbers: Numbers(svi));
        }))
        {
            Assert.Equal(6, found.Steps);
            Assert.All(found.Numbers.Zip(wanted), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }
    }

    [Fact]
    public void TheSameNumberOfRanksGoesOnBitForBit()
    {
        var wanted = Trained(0, 8, null);
        var halfway = Trained(0, 4, null);
        Assert.Equal(wanted, Trained(4, 8, halfway));

        static byte[] Trained(int from, int to, byte[]? state) => ThreadGroup.RunAll(2, group =>
        {
            using var scope = NewDisposeScope();
            using var svi = DividedModels.Mixed(Elbo.MeanField()).Across(group);
            if (state is not null)
            {
                svi.Load(new MemoryStream(state));
            }

            for (var step = from; step < to; step++)
            {
                svi.Step(DividedModels.Batch(group, step, 12));
            }

            return Inferences.Snapshot(svi);
        })[1];
    }

    [Fact]
    public void AnEvaluationIsOfAllRows()
    {
        using var alone = DividedModels.Mixed(Elbo.MeanField());
        var wanted = alone.Evaluate(DividedModels.Batch(ProcessGroup.Alone, 0, 12), Elbo.Trace(particles: 4));
        Assert.All(ThreadGroup.RunAll(3, group => DividedModels.Mixed(Elbo.MeanField()).Across(group).Evaluate(DividedModels.Batch(group, 0, 12), Elbo.Trace(particles: 4))), found =>
        {
            Assert.Equal(wanted.Terms.Select(term => term.Site), found.Terms.Select(term => term.Site));
            Assert.All(wanted.Terms.Zip(found.Terms), pair => Assert.Equal(pair.First.Value, pair.Second.Value, 1e-5 * (1 + Math.Abs(pair.First.Value))));
        });
    }

    [Fact]
    public void AStepHasOneReduction() => Assert.All(ThreadGroup.RunAll(2, group =>
    {
        using var svi = DividedModels.Local(Elbo.MeanField()).Across(group);
        for (var step = 0; step < 3; step++)
        {
            svi.Step(DividedModels.Batch(group, step, 12));
        }

        return group.Sums;
    }), sums => Assert.Equal(3, sums));

    [Fact]
    public void ParametersOfDoublePrecisionAreReducedSo() => Assert.All(ThreadGroup.RunAll(2, group =>
    {
        Parameter loc = new(tensor(0.0, ScalarType.Float64));
        var model = Model.Given<Tensor>("m").Plate("rows", 100).Observe("x", s => new Normal(loc, 1), out _).Build();
        using var svi = Svi.For(model, Guide.For(model).Build(), Elbo.MeanField(), Inferences.Still).Across(group);
        svi.Step(tensor(group.Rank == 0 ? new[] { 1.0, 1e-12 } : new[] { 2.0, 3.0 }));
        return loc.grad!.ToDouble();
    }), gradient => Assert.Equal(-25 * (6 + 1e-12), gradient, 1e-12));

    [Fact]
    public void APlateIsNamedWhereTwoAreSeenInPart()
    {
        Svi<(Tensor Users, Tensor Items)> Made()
        {
            Parameter loc = Inferences.Scalar(0);
            var model = Model.Given<(Tensor Users, Tensor Items)>("m")
                .Plate("users", 100, data => data.Users.shape[0]).Observe("x", s => new Normal(loc, 1), data => data.Users, out _).EndPlate()
                .Plate("items", 50, data => data.Items.shape[0]).Observe("y", s => new Normal(loc, 1), data => data.Items, out _).Build();
            return Svi.For(model, Guide.For(model).Build(), Elbo.MeanField(), Inferences.Still);
        }

        var refused = ThreadGroup.Run(2, group => Made().Across(group).Step((tensor([1f]), tensor([2f]))));
        Assert.All(refused, one => Assert.Contains("svi.Across(group, \"users\")", one.Failure!.Message, StringComparison.Ordinal));
        using var alone = Made();
        var wanted = alone.Step((tensor([1f, 3f]), tensor([2f]))).Elbo;
        Assert.All(ThreadGroup.RunAll(2, group => Made().Across(group, "users").Step((tensor([1f + (2 * group.Rank)]), tensor([2f]))).Elbo), elbo => Assert.Equal(wanted, elbo, 1e-3));
    }

    [Fact]
    public void SharesAreAsEqualAsCanBe()
    {
        (int, int)[] shares = [.. ThreadGroup.RunAll(4, group => group.ShareOf(10))];
        Assert.Equal([(0, 2), (2, 5), (5, 7), (7, 10)], shares);
    }

    private static double[] Numbers(Svi<Tensor> svi) => [.. svi.Parameters.ByName.Values.SelectMany(Inferences.Numbers)];
}
