using System;
using System.Collections.Generic;
using System.IO;
using TorchSharp.Serialization;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Steps along the gradient in units of its running root mean square.</summary>
public class RMSProp : OptimizerHelper, IMomentum
{
    public RMSProp(IEnumerable<Parameter> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0.0, double momentum = 0.0, bool centered = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, alpha, eps, weight_decay, momentum, centered, maximize)
    {
    }

    public RMSProp(IEnumerable<ParamGroup> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0.0, double momentum = 0.0, bool centered = false, bool maximize = false)
    {
        OptimizerArgument.NonNegative(lr);
        OptimizerArgument.NonNegative(alpha);
        OptimizerArgument.NonNegative(eps);
        OptimizerArgument.NonNegative(weight_decay);
        OptimizerArgument.NonNegative(momentum);
        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            maximize = maximize,
            momentum = momentum,
            alpha = alpha,
            eps = eps,
            weight_decay = weight_decay,
            centered = centered,
        };
        foreach (var group in parameters)
        {
            add_param_group(group);
        }
    }

    public double Momentum
    {
        get => Defaults.momentum!.Value;
        set => Defaults.momentum = value;
    }

    private Options Defaults => (Options)_defaults;

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(Step, closure);

    public override void add_param_group(Modules.ParamGroup param_group) => AddGroup<Options>(
        param_group,
        options =>
        {
            options.maximize ??= Defaults.maximize;
            options.momentum ??= Defaults.momentum;
            options.alpha ??= Defaults.alpha;
            options.eps ??= Defaults.eps;
            options.weight_decay ??= Defaults.weight_decay;
            options.centered ??= Defaults.centered;
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
        var momentum = options.momentum!.Value;
        foreach (var (parameter, rawGradient, state) in Trained<State>(group))
        {
            var gradient = options.maximize!.Value ? rawGradient.neg() : rawGradient;
            if (decay != 0)
            {
                gradient = gradient.add(parameter, decay);
            }
            state.step++;
            var scale = Scale(gradient, state, options);
            if (momentum > 0)
            {
                state.momentum_buffer.mul_(momentum).addcdiv_(gradient, scale);
                parameter.add_(state.momentum_buffer, -group.LearningRate);
            }
            else
            {
                parameter.addcdiv_(gradient, scale, -group.LearningRate);
            }
        }
    }

    private static Tensor Scale(Tensor gradient, State state, Options options)
    {
        var alpha = options.alpha!.Value;
        state.square_avg.mul_(alpha).addcmul_(gradient, gradient, 1 - alpha);
        var variance = state.square_avg;
        if (options.centered!.Value)
        {
            state.grad_avg.mul_(alpha).add_(gradient, 1 - alpha);
            variance = variance.addcmul(state.grad_avg, state.grad_avg, -1);
        }
        return variance.sqrt().add_(options.eps!.Value);
    }


    /// <summary>The settings of one group; those that are left out are the optimizer's.</summary>
    public class Options : OptimizerOptions
    {
        public bool? maximize;
        public double? momentum;
        public double? alpha;
        public double? eps;
        public double? weight_decay;
        public bool? centered;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(maximize!.Value);
            writer.Write(momentum!.Value);
            writer.Write(alpha!.Value);
            writer.Write(eps!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(centered!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            maximize = reader.ReadBoolean();
            momentum = reader.ReadDouble();
            alpha = reader.ReadDouble();
            eps = reader.ReadDouble();
            weight_decay = reader.ReadDouble();
            centered = reader.ReadBoolean();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var options = (Options)source;
            maximize = options.maximize;
            momentum = options.momentum;
            alpha = options.alpha;
            eps = options.eps;
            weight_decay = options.weight_decay;
            centered = options.centered;
        }
    }

    /// <summary>What is remembered of one parameter.</summary>
    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor square_avg = null!;
        public Tensor momentum_buffer = null!;
        public Tensor grad_avg = null!;

        public State(Parameter parameter)
            : base(parameter)
        {
        }

        public override void Initialize(OptimizerOptions options)
        {
            Dispose();
            step = 0;
            square_avg = Zeros();
            momentum_buffer = Zeros();
            grad_avg = Zeros();
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            TensorRecord.Write(writer, square_avg);
            SaveConditionalStateTensor(writer, momentum_buffer);
            SaveConditionalStateTensor(writer, grad_avg);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            TensorRecord.ReadInto(reader, square_avg);
            LoadConditionalStateTensor(reader, ref momentum_buffer!, _parameter.device);
            LoadConditionalStateTensor(reader, ref grad_avg!, _parameter.device);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var state = (State)source;
            step = state.step;
            Copy(state.square_avg, ref square_avg!);
            Copy(state.momentum_buffer, ref momentum_buffer!);
            Copy(state.grad_avg, ref grad_avg!);
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state && step == state.step && Close(square_avg, state.square_avg) && Close(momentum_buffer, state.momentum_buffer) && Close(grad_avg, state.grad_avg);

        public override void to(Device device)
        {
            Move(ref square_avg!, device);
            Move(ref momentum_buffer!, device);
            Move(ref grad_avg!, device);
        }

        public void Dispose()
        {
            square_avg?.Dispose();
            momentum_buffer?.Dispose();
            grad_avg?.Dispose();
        }
    }

    /// <summary>Parameters with settings of their own.</summary>
    public class ParamGroup : ParamGroup<Options>, IMomentum
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options)
            : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double eps = 1e-8, double alpha = 0.99, double weight_decay = 0.0, double momentum = 0.0, bool centered = false)
            : base(parameters, new Options { LearningRate = lr, eps = eps, alpha = alpha, weight_decay = weight_decay, momentum = momentum, centered = centered })
        {
        }

        public double Momentum
        {
            get => Options.momentum!.Value;
            set => Options.momentum = value;
        }
    }
}
