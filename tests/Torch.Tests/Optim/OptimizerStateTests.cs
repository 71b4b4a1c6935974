using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using OptimizerHelper = TorchSharp.Modules.OptimizerHelper;
using Parameter = TorchSharp.Modules.Parameter;

namespace Torch.Tests.Optim;

public sealed class OptimizerStateTests
{
    public static TheoryData<string, Func<IEnumerable<Parameter>, OptimizerHelper>> Optimizers => new()
    {
        { "SGD", parameters => optim.SGD(parameters, 0.05, 0.9) },
        { "Adam", parameters => optim.Adam(parameters, 0.1) },
        { "Adam with amsgrad", parameters => optim.Adam(parameters, 0.1, amsgrad: true) },
        { "AdamW", parameters => optim.AdamW(parameters, 0.1, weight_decay: 0.1) },
        { "RMSProp", parameters => optim.RMSProp(parameters, 0.02, momentum: 0.5, centered: true) },
        { "Adagrad", parameters => optim.Adagrad(parameters, 0.2) },
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void ALoadedOptimizerContinuesWhereTheSavedOneStood(string name, Func<IEnumerable<Parameter>, OptimizerHelper> make)
    {
        using var uninterrupted = new Descent(make).Run(9);
        using var saved = new Descent(make).Run(4);
        using var continued = new Descent(make);

        Copy(saved, continued, (from, to) => to.load_state_dict(Reader(Saved(from))));
        continued.Run(5);

        Assert.True(uninterrupted.Values().SequenceEqual(continued.Values()), name);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void AStateDictionaryContinuesWhereItsOptimizerStood(string name, Func<IEnumerable<Parameter>, OptimizerHelper> make)
    {
        using var uninterrupted = new Descent(make).Run(9);
        using var saved = new Descent(make).Run(4);
        using var continued = new Descent(make).Run(1);

        Copy(saved, continued, (from, to) => to.load_state_dict(from.state_dict()));
        saved.Run(3);
        continued.Run(5);

        Assert.True(uninterrupted.Values().SequenceEqual(continued.Values()), name);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void StatesOutliveTheScopeOfTheirMaking(string name, Func<IEnumerable<Parameter>, OptimizerHelper> make)
    {
        using var outside = new Descent(make).Run(5);
        using var weights = new Descent(parameters =>
        {
            using var scope = NewDisposeScope();
            return make(parameters);
        });

        weights.Run(5);

        Assert.True(outside.Values().SequenceEqual(weights.Values()), name);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void StepsLeaveNoTensorBehind(string name, Func<IEnumerable<Parameter>, OptimizerHelper> make)
    {
        using var descent = new Descent(make).Run(2);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

        descent.Run(200);

        Assert.True(before == DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount, name);
    }

    [Fact]
    public void AnotherOptimizersStateIsRefused()
    {
        using var sgd = new Descent(parameters => optim.SGD(parameters, 0.1));
        using var adam = new Descent(parameters => optim.Adam(parameters, 0.1));

        Assert.Throws<InvalidDataException>(() => ((OptimizerHelper)adam.Optimizer).load_state_dict(Reader(Saved((OptimizerHelper)sgd.Optimizer))));
    }

    [Fact]
    public void TheFormatIsTorchSharps()
    {
        using var weights = new Parameter(tensor(new[] { 1.0 })) { grad = tensor(new[] { 2.0 }) };
        using var optimizer = optim.SGD([weights], 0.1, momentum: 0.9);
        optimizer.step();

        var expected = new MemoryStream();
        using (var writer = new BinaryWriter(expected))
        {
            const byte Float64 = 7;
            writer.Write("SGD");
            writer.Write([(byte)1, 1]);
            foreach (var option in new[] { 0.1, 0.1, 0.9, 0.0, 0.0 })
            {
                writer.Write(option);
            }
            writer.Write([(byte)0, 0]);
            writer.Write([(byte)1, Float64, 1, 1]);
            writer.Write(2.0);
        }

        Assert.Equal(expected.ToArray(), Saved(optimizer));
    }

    private static void Copy(Descent source, Descent target, Action<OptimizerHelper, OptimizerHelper> copyState)
    {
        using (no_grad())
        {
            target.Weights.copy_(source.Weights);
        }
        copyState((OptimizerHelper)source.Optimizer, (OptimizerHelper)target.Optimizer);
    }

    private static byte[] Saved(OptimizerHelper optimizer)
    {
        var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            optimizer.save_state_dict(writer);
        }
        return stream.ToArray();
    }

    private static BinaryReader Reader(byte[] bytes) => new(new MemoryStream(bytes));
}
