using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Adam = TorchSharp.Modules.Adam;
using AdamW = TorchSharp.Modules.AdamW;
using OptimizerHelper = TorchSharp.Modules.OptimizerHelper;
using OptimizerOptions = TorchSharp.Modules.OptimizerOptions;
using OptimizerState = TorchSharp.Modules.OptimizerState;
using ParamGroup = TorchSharp.Modules.ParamGroup;
using Parameter = TorchSharp.Modules.Parameter;
using SGD = TorchSharp.Modules.SGD;

namespace ProbVae;

/// <summary>
/// An optimizer's step by torch's fused kernels, where they know its rule: Adam, AdamW and SGD over dense parameters in main memory. The
/// state stays the optimizer's own, so checkpoints, schedules and groups see no difference. Any other optimizer takes its own step.
/// </summary>
/// <remarks>TorchSharp 0.107.0 loops over parameters and calls a dozen operations for each; a fused kernel is one call and one pass.</remarks>
internal sealed class FusedUpdate
{
    // The text is constant: one that does not parse would end the process. Type 6 is float32, whatever torch makes by default.
    private static readonly jit.CompilationUnit Script = jit.compile("""
        def adam(parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor], greatest: List[Tensor], decoupled: bool, step: float, rate: float, beta1: float, beta2: float, decay: float, eps: float, maximize: bool) -> int:
            steps = [torch.full([], step, dtype=6)] * len(parameters)
            if decoupled:
                torch._fused_adamw_(parameters, gradients, means, squares, greatest, steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=len(greatest) > 0, maximize=maximize)
            else:
                torch._fused_adam_(parameters, gradients, means, squares, greatest, steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=len(greatest) > 0, maximize=maximize)
            return len(parameters)

        def sgd(parameters: List[Tensor], gradients: List[Tensor], momenta: List[Tensor], decay: float, momentum: float, rate: float, dampening: float, nesterov: bool, maximize: bool) -> int:
            torch._fused_sgd_(parameters, gradients, momenta, weight_decay=decay, momentum=momentum, lr=rate, dampening=dampening, nesterov=nesterov, maximize=maximize, is_first_step=False)
            return len(parameters)

        """);

    private readonly Optimizer _optimizer;
    private readonly bool _known;
    private (OptimizerOptions Options, (Parameter Parameter, OptimizerState State)[] Members)[] _groups = [];

    /// <summary>The way that an optimizer's steps are taken.</summary>
    public FusedUpdate(Optimizer optimizer)
    {
        _optimizer = optimizer;
        // A class derived from one of these may have another rule.
        _known = optimizer.GetType() == typeof(Adam) || optimizer.GetType() == typeof(AdamW) || optimizer.GetType() == typeof(SGD);
    }

    /// <summary>Takes a step along the parameters' gradients; a parameter without one stays as it is.</summary>
    public void Step()
    {
        using var noGrad = no_grad();
        if (!_known || Moved() is not { } moved)
        {
            _optimizer.step();
            return;
        }

        foreach (var (options, members) in moved)
        {
            if (options is SGD.Options rule)
            {
                Descend(rule, members);
            }
            else
            {
                // A parameter that was frozen for a while has taken fewer steps.
                foreach (var together in members.GroupBy(member => Steps(member.State)))
                {
                    Adapt(AdamRule.Of(options), together.Key + 1, [.. together]);
                }
            }
        }
    }

    // The groups' parameters that have a gradient; null where a kernel would not do for one of them.
    private List<(OptimizerOptions Options, List<Member> Members)>? Moved()
    {
        if (_groups.Length != _optimizer.ParamGroups.Count())
        {
            var state = ((OptimizerHelper)_optimizer).state_dict();
            _groups = [.. _optimizer.ParamGroups.Cast<ParamGroup>().Select((group, i) =>
                (group.Options, group.Parameters.Select((parameter, j) => (parameter, state.State[state.StateIndexRef[i][j]])).ToArray()))];
        }

        var moved = new List<(OptimizerOptions, List<Member>)>(_groups.Length);
        foreach (var (options, all) in _groups)
        {
            var members = new List<Member>(all.Length);
            foreach (var (parameter, state) in all)
            {
                if (parameter.grad is not { } gradient)
                {
                    continue;
                }

                if (!Fits(parameter) || !Fits(gradient) || !Fits(options, state))
                {
                    return null;
                }

                members.Add(new(parameter, gradient, state));
            }

            if (members.Count > 0)
            {
                moved.Add((options, members));
            }
        }

        return moved;
    }

    // The kernels walk through memory: they know neither strides nor sparse tensors.
    private static bool Fits(Tensor tensor) => tensor.device_type == DeviceType.CPU && tensor.dtype is ScalarType.Float32 or ScalarType.Float64
        && !tensor.is_sparse && tensor.is_contiguous();

    // TorchSharp makes the buffer of momentum in the first step, and where it maximizes, its decay makes weights grow.
    private static bool Fits(OptimizerOptions options, OptimizerState state) => options is not SGD.Options rule
        || ((rule.momentum == 0 || ((SGD.State)state).momentum_buffer is not null) && (rule.maximize != true || rule.weight_decay == 0));

    // A script reads a number late: TorchSharp would let the collector free one that it made by itself from a double.
    private static void Descend(SGD.Options rule, List<Member> members)
    {
        using Scalar decay = rule.weight_decay!.Value, momentum = rule.momentum!.Value, rate = rule.LearningRate!.Value, dampening = rule.dampening!.Value;
        Tensor[] momenta = rule.momentum == 0 ? [] : [.. members.Select(member => ((SGD.State)member.State).momentum_buffer)];
        Script.invoke("sgd", Parameters(members), Gradients(members), momenta, decay, momentum, rate, dampening, rule.nesterov!.Value, rule.maximize!.Value);
    }

    private static void Adapt(AdamRule rule, long step, List<Member> members)
    {
        List<(Tensor Mean, Tensor Square, Tensor? Greatest)> moments = members.ConvertAll(member => Moments(member.State));
        Tensor[] means = [.. moments.Select(moment => moment.Mean)], squares = [.. moments.Select(moment => moment.Square)], greatest = [.. moments.Select(moment => moment.Greatest).OfType<Tensor>()];
        using Scalar count = (double)step, rate = rule.Rate, beta1 = rule.Beta1, beta2 = rule.Beta2, decay = rule.Decay, eps = rule.Eps;
        Script.invoke("adam", Parameters(members), Gradients(members), means, squares, greatest, rule.Decoupled, count, rate, beta1, beta2, decay, eps, rule.Maximize);
        foreach (var member in members)
        {
            _ = member.State is Adam.State adam ? adam.step = step : ((AdamW.State)member.State).step = step;
        }
    }

    private static Tensor[] Parameters(List<Member> members) => [.. members.Select(member => member.Parameter)];

    private static Tensor[] Gradients(List<Member> members) => [.. members.Select(member => member.Gradient)];

    private static long Steps(OptimizerState state) => state is Adam.State adam ? adam.step : ((AdamW.State)state).step;

    private static (Tensor Mean, Tensor Square, Tensor? Greatest) Moments(OptimizerState state) => state is Adam.State adam
        ? (adam.exp_avg, adam.exp_avg_sq, adam.max_exp_avg_sq)
        : state is AdamW.State other ? (other.exp_avg, other.exp_avg_sq, other.max_exp_avg_sq) : throw new InvalidOperationException($"{state.GetType()} has no moments.");

    private readonly record struct Member(Tensor Parameter, Tensor Gradient, OptimizerState State);

    private readonly record struct AdamRule(bool Decoupled, double Rate, double Beta1, double Beta2, double Decay, double Eps, bool Maximize)
    {
        public static AdamRule Of(OptimizerOptions options) => options is Adam.Options adam
            ? new(false, adam.LearningRate!.Value, adam.beta1!.Value, adam.beta2!.Value, adam.weight_decay!.Value, adam.eps!.Value, adam.maximize!.Value)
            : options is AdamW.Options other
                ? new(true, other.LearningRate!.Value, other.beta1!.Value, other.beta2!.Value, other.weight_decay!.Value, other.eps!.Value, other.maximize!.Value)
                : throw new InvalidOperationException($"{options.GetType()} is no rule of Adam's.");
    }
}
