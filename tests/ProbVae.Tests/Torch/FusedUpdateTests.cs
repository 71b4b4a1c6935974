using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Adam = TorchSharp.Modules.Adam;
using OptimizerHelper = TorchSharp.Modules.OptimizerHelper;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae.Tests.Torch;

/// <summary>The fused kernels take TorchSharp's own steps: the same parameters, and the same state from which either goes on.</summary>
public sealed class FusedUpdateTests
{
    private static readonly long[][] Shapes = [[], [8], [20, 30], [0]];

    public static TheoryData<string> Rules { get; } = [.. Optimizers.Keys];

    private static Dictionary<string, Func<IEnumerable<Parameter>, Optimizer>> Optimizers => new()
    {
        ["Adam"] = parameters => optim.Adam(parameters, 0.01),
        ["Adam, decay"] = parameters => optim.Adam(parameters, 0.01, 0.8, 0.95, 1e-6, weight_decay: 0.1),
        ["Adam, amsgrad"] = parameters => optim.Adam(parameters, 0.01, amsgrad: true),
        ["Adam, maximize"] = parameters => optim.Adam(parameters, 0.01, maximize: true),
        ["AdamW"] = parameters => optim.AdamW(parameters, 0.01, weight_decay: 0.1),
        ["AdamW, amsgrad"] = parameters => optim.AdamW(parameters, 0.01, amsgrad: true),
        ["SGD"] = parameters => optim.SGD(parameters, 0.01),
        ["SGD, decay"] = parameters => optim.SGD(parameters, 0.01, weight_decay: 0.1, maximize: true),
        ["SGD, momentum"] = parameters => optim.SGD(parameters, 0.01, momentum: 0.9, dampening: 0.2),
        ["SGD, Nesterov"] = parameters => optim.SGD(parameters, 0.01, momentum: 0.9, nesterov: true),
        ["RMSProp, which has no kernel"] = parameters => optim.RMSProp(parameters, 0.01),
    };

    /// <summary>300 steps, in 100 of which one parameter is frozen, so that it has a step count of its own.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_takes_the_steps_that_torchsharp_takes(string rule)
    {
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using var scope = NewDisposeScope();
            var (ours, theirs) = (Start(type), Start(type));
            var (optimizer, reference) = (Optimizers[rule](ours), Optimizers[rule](theirs));
            var update = new FusedUpdate(optimizer);
            for (var step = 0; step < 300; step++)
            {
                SetGradients(ours, step, type, frozen: step is >= 100 and < 200 ? 1 : null);
                SetGradients(theirs, step, type, frozen: step is >= 100 and < 200 ? 1 : null);
                update.Step();
                reference.step();
            }

            AssertClose(theirs, ours);
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_state_goes_on_under_either(string rule)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Start(ScalarType.Float32), Start(ScalarType.Float32));
        var (optimizer, reference) = ((OptimizerHelper)Optimizers[rule](ours), (OptimizerHelper)Optimizers[rule](theirs));
        var (update, other) = (new FusedUpdate(optimizer), new FusedUpdate(reference));
        for (var step = 0; step < 60; step++)
        {
            SetGradients(ours, step, ScalarType.Float32);
            SetGradients(theirs, step, ScalarType.Float32);
            if (step < 30)
            {
                update.Step();
                reference.step();
            }
            else
            {
                optimizer.step();
                other.Step();
            }

            if (step == 29)
            {
                Swap(optimizer, reference);
            }
        }

        AssertClose(theirs, ours);
    }

    [Fact]
    public void A_group_that_is_added_later_is_seen()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = Start(ScalarType.Float32);
        var optimizer = optim.Adam(parameters[..1], 0.01);
        var update = new FusedUpdate(optimizer);
        SetGradients(parameters, 0, ScalarType.Float32);
        update.Step();
        optimizer.add_param_group(new Adam.ParamGroup(parameters[1..], new Adam.Options { LearningRate = 0.5 }));
        using var before = parameters[1].clone();
        update.Step();
        Assert.Equal(0.5, before.sub(parameters[1]).abs().max().item<float>(), 1e-5);
    }

    /// <summary>What the kernels cannot walk through takes TorchSharp's own step.</summary>
    [Fact]
    public void Strides_are_kept()
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (new Parameter(ones(4, 3)), new Parameter(ones(4, 3)));
        var (update, reference) = (new FusedUpdate(optim.Adam([ours], 0.01)), optim.Adam([theirs], 0.01));
        for (var step = 1; step < 4; step++)
        {
            ours.grad = theirs.grad = arange(12, ScalarType.Float32).sub(5 * step).reshape(3, 4).t();
            update.Step();
            reference.step();
        }

        AssertClose([theirs], [ours]);
    }

    [Fact]
    public void A_derived_optimizer_keeps_its_own_rule()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(zeros(2));
        parameter.grad = ones(2);
        var optimizer = new Counting([parameter]);
        new FusedUpdate(optimizer).Step();
        Assert.Equal(1, optimizer.Steps);
    }

    /// <summary>The numbers of a rule live as long as the script reads them, however often the collector comes by.</summary>
    [Fact]
    public void Collections_do_not_reach_the_numbers()
    {
        using var scope = NewDisposeScope();
        var stop = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        var parameters = Start(ScalarType.Float32);
        SetGradients(parameters, 0, ScalarType.Float32);
        FusedUpdate[] updates = [new(optim.Adam(parameters, 1e-6)), new(optim.SGD(parameters, 1e-6))];
        try
        {
            for (var step = 0; step < 3_000; step++)
            {
                Array.ForEach(updates, update => update.Step());
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collector.Join();
        }

        Assert.All(parameters, parameter => Assert.True(parameter.isfinite().all().ToBoolean()));
    }

    private static Parameter[] Start(ScalarType type)
    {
        using var generator = new RandomKey(5).NewGenerator();
        return [.. Shapes.Select(shape => new Parameter(randn(shape, type, generator: generator)))];
    }

    private static void SetGradients(Parameter[] parameters, int step, ScalarType type, int? frozen = null)
    {
        using var generator = new RandomKey(6).Fold(step).NewGenerator();
        foreach (var (i, parameter) in parameters.Index())
        {
            var gradient = randn(parameter.shape, type, generator: generator).add(0.3);
            parameter.grad = i == frozen ? null : gradient;
        }
    }

    private static void Swap(OptimizerHelper one, OptimizerHelper other)
    {
        var (first, second) = (Saved(one), Saved(other));
        one.load_state_dict(new BinaryReader(new MemoryStream(second)));
        other.load_state_dict(new BinaryReader(new MemoryStream(first)));
    }

    private static byte[] Saved(OptimizerHelper optimizer)
    {
        using var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        return stream.ToArray();
    }

    private static void AssertClose(Parameter[] expected, Parameter[] actual) => Assert.All(expected.Zip(actual), pair =>
    {
        var error = pair.First.numel() == 0 ? 0 : pair.First.sub(pair.Second).abs().div(pair.First.abs().clamp_min(1)).max().ToDouble();
        Assert.True(error <= 1e-6, $"{pair.First.numel()} numbers differ by {error}");
    });

    private sealed class Counting(IEnumerable<Parameter> parameters) : Adam(parameters)
    {
        public int Steps { get; private set; }

        public override Tensor step(Func<Tensor>? closure = null)
        {
            Steps++;
            return null!;
        }
    }
}
