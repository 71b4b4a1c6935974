using System;
using System.Collections.Generic;
using System.IO;
using TorchSharp.Serialization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Steps along the gradient in units of the root of its summed squares.</summary>
public class Adagrad : OptimizerHelper
{
    public Adagrad(IEnumerable<Parameter> parameters, double lr = 0.01, double lr_decay = 0.0, double weight_decay = 0.0, double initial_accumulator_value = 0.0, double eps = 1e-10)
        : this([new ParamGroup { Parameters = parameters }], lr, lr_decay, weight_decay, initial_accumulator_value, eps)
    {
    }

    public Adagrad(IEnumerable<ParamGroup> parameters, double lr = 0.01, double lr_decay = 0.0, double weight_decay = 0.0, double initial_accumulator_value = 0.0, double eps = 1e-10)
    {
        OptimizerArgument.NonNegative(lr);
        OptimizerArgument.NonNegative(lr_decay);
        OptimizerArgument.NonNegative(weight_decay);
        OptimizerArgument.NonNegative(initial_accumulator_value);
        OptimizerArgument.NonNegative(eps);
        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            lr_decay = lr_decay,
            initial_accumulator_value = initial_accumulator_value,
            eps = eps,
            weight_decay = weight_decay,
        };
        foreach (var group in parameters)
        {
            add_param_group(group);
        }
    }

    private Options Defaults => (Options)_defaults;

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(Step, closure);

    public override void add_param_group(Modules.ParamGroup param_group) => AddGroup<Options>(
        param_group,
        options =>
        {
            options.lr_decay ??= Defaults.lr_decay;
            options.initial_accumulator_value ??= Defaults.initial_accumulator_value;
            options.eps ??= Defaults.eps;
            options.weight_decay ??= Defaults.weight_decay;
        },
        parameter => new State(parameter));

    protected override void Dispose(bool disposing)
    {
        DisposeStates();
        base.Dispose(disposing);
    }

    private void Step(ParamGroup group)
    {
        var options = group.Options;
        var decay = options.weight_decay!.Value;
        foreach (var (parameter, rawGradient, state) in Trained<State>(group))
        {
            var gradient = decay != 0 ? rawGradient.add(parameter, decay) : rawGradient;
            state.step++;
            state.sum.addcmul_(gradient, gradient, 1);
            var rate = group.LearningRate / (1 + ((state.step - 1) * options.lr_decay!.Value));
            parameter.addcdiv_(gradient, state.sum.sqrt().add_(options.eps!.Value), -rate);
        }
    }


    /// <summary>The settings of one group; those that are left out are the optimizer's.</summary>
    public class Options : OptimizerOptions
    {
        public double? lr_decay;
        public double? initial_accumulator_value;
        public double? eps;
        public double? weight_decay;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(lr_decay!.Value);
            writer.Write(initial_accumulator_value!.Value);
            writer.Write(eps!.Value);
            writer.Write(weight_decay!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            lr_decay = reader.ReadDouble();
            initial_accumulator_value = reader.ReadDouble();
            eps = reader.ReadDouble();
            weight_decay = reader.ReadDouble();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var options = (Options)source;
            lr_decay = options.lr_decay;
            initial_accumulator_value = options.initial_accumulator_value;
            eps = options.eps;
            weight_decay = options.weight_decay;
        }
    }

    /// <summary>What is remembered of one parameter.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor sum = null!;

        public State(Parameter parameter)
            : base(parameter)
        {
        }

        public override void Initialize(OptimizerOptions options)
        {
            Dispose();
            step = 0;
            sum = Filled(((Options)options).initial_accumulator_value!.Value);
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            TensorRecord.Write(writer, sum);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            TensorRecord.ReadInto(reader, sum);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var state = (State)source;
            step = state.step;
            Copy(state.sum, ref sum!);
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state && step == state.step && Close(sum, state.sum);

        public override void to(Device device)
        {
            Move(ref sum!, device);
        }

        public void Dispose()
        {
            sum?.Dispose();
        }
    }

    /// <summary>Parameters with settings of their own.</summary>
    public class ParamGroup : ParamGroup<Options>
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options)
            : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.01, double lr_decay = 0.0, double weight_decay = 0.0, double initial_accumulator_value = 0.0, double eps = 1e-10)
            : base(parameters, new Options { LearningRate = lr, lr_decay = lr_decay, weight_decay = weight_decay, initial_accumulator_value = initial_accumulator_value, eps = eps })
        {
        }
    }
}
