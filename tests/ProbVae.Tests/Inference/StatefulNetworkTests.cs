using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace ProbVae.Tests.Inference;

/// <summary>Networks that keep running statistics: these are part of the state that a bad step leaves alone and a checkpoint continues.</summary>
public sealed class StatefulNetworkTests
{
    private bool _poisoned;

    [Fact]
    public void ABadStepLeavesTheRunningStatisticsAsTheyWere()
    {
        using var net = Network();
        using var svi = Svi(net);
        using Tensor batch = Batch(0);
        svi.Step(batch);
        var before = Inferences.Snapshot(svi);
        _poisoned = true;
        Assert.ThrowsAny<ModelException>(() => svi.Step(batch));
        Assert.Equal(before, Inferences.Snapshot(svi));
    }

    [Fact]
    public void ExplainLeavesTheRunningStatisticsAsTheyWere()
    {
        using var net = Network();
        using var svi = Svi(net);
        using Tensor batch = Batch(0);
        var before = Inferences.Snapshot(svi);
        svi.Explain(batch);
        Assert.Equal(before, Inferences.Snapshot(svi));
    }

    [Fact]
    public void EvaluateLeavesTheRunningStatisticsAsTheyWere()
    {
        using var net = Network();
        using var svi = Svi(net);
        using Tensor batch = Batch(0);
        svi.Step(batch);
        var before = Inferences.Snapshot(svi);
        svi.Evaluate(batch);
        Assert.Equal(before, Inferences.Snapshot(svi));
    }

    [Fact]
    public void ARunWithRunningStatisticsContinuesBitForBit()
    {
        using Module whole = Network(), part = Network(), resumed = Network();
        using Svi<Tensor> first = Svi(whole), second = Svi(part), third = Svi(resumed);
        Steps(first, 0, 6);
        Steps(second, 0, 3);
        third.Load(new MemoryStream(Inferences.Snapshot(second)));
        Steps(third, 3, 6);
        Assert.Equal(Inferences.Snapshot(first), Inferences.Snapshot(third));
    }

    private static Module Network()
    {
        var network = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1));
        using var frozen = no_grad();
        var key = new RandomKey(5);
        foreach (var (name, parameter) in network.named_parameters())
        {
            using var scope = NewDisposeScope();
            parameter.copy_(new Normal(1, 0.3).Expand(parameter.shape).Sample(key.Fold(name)));
        }

        return network;
    }

    private static Tensor Batch(int step) => new Normal(step, 1).Expand(new Shape([6, 2])).Sample(new RandomKey(7).Fold(step));

    private static void Steps(Svi<Tensor> svi, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            using var batch = Batch(step);
            svi.Step(batch);
        }
    }

    private Svi<Tensor> Svi(Module net)
    {
        var model = Model.Given<Tensor>("m").Plate("points", 60).Sample("z", new Normal(0, 1), out var z).Build();
        var guide = Guide.For(model).Sample(z, x => new Normal(net.call(_poisoned ? x * double.PositiveInfinity : x).squeeze(-1), 1)).Build();
        return Inferences.Svi(model, guide);
    }
}
