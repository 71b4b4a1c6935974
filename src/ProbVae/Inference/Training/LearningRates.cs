using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using AdamGroup = TorchSharp.Modules.Adam.ParamGroup;
using AdamOptions = TorchSharp.Modules.Adam.Options;
using AdamWGroup = TorchSharp.Modules.AdamW.ParamGroup;
using AdamWOptions = TorchSharp.Modules.AdamW.Options;
using Parameter = TorchSharp.Modules.Parameter;
using RmsPropGroup = TorchSharp.Modules.RMSProp.ParamGroup;
using RmsPropOptions = TorchSharp.Modules.RMSProp.Options;
using SgdGroup = TorchSharp.Modules.SGD.ParamGroup;
using SgdOptions = TorchSharp.Modules.SGD.Options;

namespace ProbVae;

/// <summary>
/// Learning rates of their own for groups of parameters: a parameter gets the rate of the first group that selects it. Each
/// becomes a parameter group of the optimizer, so that schedules and checkpoints treat it as such.
/// </summary>
public sealed class LearningRates
{
    private readonly IReadOnlyList<(ParameterSelection Which, double Rate)> _rates;

    private LearningRates(IReadOnlyList<(ParameterSelection, double)> rates) => _rates = rates;

    /// <summary>Rates by parameters' names or modules, as in <c>By(("encoder.", 1e-3), ("", 1e-2))</c>.</summary>
    /// <param name="rates">Selections with their rates, the special ones first; the empty text selects what is left. Range: rates are positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate is not positive; to leave parameters alone, freeze them.</exception>
    public static LearningRates By(params (ParameterSelection Which, double Rate)[] rates)
    {
        ArgumentNullException.ThrowIfNull(rates);
        foreach (var (which, rate) in rates)
        {
            ArgumentNullException.ThrowIfNull(which, nameof(rates));
            if (!(rate > 0 && double.IsFinite(rate)))
            {
                throw new ArgumentOutOfRangeException(nameof(rates), rate, $"The learning rate of {which} must be positive and finite; to leave parameters as they are, use Freeze.");
            }
        }

        return new([.. rates]);
    }

    /// <summary>Adam (Kingma and Ba 2015) with these rates.</summary>
    /// <param name="beta1">Decay of the gradient's mean. Range: [0, 1).</param>
    /// <param name="beta2">Decay of the gradient's mean square. Range: [0, 1).</param>
    /// <param name="eps">Keeps the denominator from 0.</param>
    /// <param name="weightDecay">L2 penalty.</param>
    public GroupedOptimizer Adam(double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0) =>
        new(found => optim.Adam(Groups(found, (parameters, rate) => new AdamGroup(parameters, new AdamOptions { LearningRate = rate })), 1e-3, beta1, beta2, eps, weightDecay));

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019) with these rates.</summary>
    /// <param name="beta1">Decay of the gradient's mean. Range: [0, 1).</param>
    /// <param name="beta2">Decay of the gradient's mean square. Range: [0, 1).</param>
    /// <param name="eps">Keeps the denominator from 0.</param>
    /// <param name="weightDecay">Weight decay.</param>
    public GroupedOptimizer AdamW(double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weightDecay = 0.01) =>
        new(found => optim.AdamW(Groups(found, (parameters, rate) => new AdamWGroup(parameters, new AdamWOptions { LearningRate = rate })), 1e-3, beta1, beta2, eps, weightDecay));

    /// <summary>RMSprop (Tieleman and Hinton 2012) with these rates.</summary>
    /// <param name="alpha">Decay of the gradient's mean square. Range: [0, 1).</param>
    /// <param name="eps">Keeps the denominator from 0.</param>
    /// <param name="momentum">Momentum.</param>
    public GroupedOptimizer RmsProp(double alpha = 0.99, double eps = 1e-8, double momentum = 0) =>
        new(found => optim.RMSProp(Groups(found, (parameters, rate) => new RmsPropGroup(parameters, new RmsPropOptions { LearningRate = rate })), 1e-2, alpha, eps, 0, momentum));

    /// <summary>Gradient descent with these rates.</summary>
    /// <param name="momentum">Momentum.</param>
    public GroupedOptimizer Sgd(double momentum = 0) =>
        new(found => optim.SGD(Groups(found, (parameters, rate) => new SgdGroup(parameters, new SgdOptions { LearningRate = rate })), 1e-3, momentum));

    /// <summary>Any other optimizer with these rates.</summary>
    /// <param name="optimizer">Makes it from the groups of parameters with their rates.</param>
    public GroupedOptimizer With(Func<IReadOnlyList<(IReadOnlyList<Parameter> Parameters, double Rate)>, Optimizer> optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return new(found => optimizer(In(found)));
    }

    /// <summary>The groups of parameters with their rates.</summary>
    /// <exception cref="ArgumentException">A selection finds no parameter of its own, or a parameter is in none.</exception>
    internal IReadOnlyList<(IReadOnlyList<Parameter> Parameters, double Rate)> In(TrainableParameters found)
    {
        var left = found.ByName.Keys.ToList();
        var groups = new List<(IReadOnlyList<Parameter>, double)>();
        foreach (var (which, rate) in _rates)
        {
            var names = which.In(found).Where(left.Contains).ToList();
            if (names.Count == 0)
            {
                throw new ArgumentException($"The learning rate of {which} reaches no parameter: those before it have taken {string.Join(", ", which.In(found))}. Put the special ones first.");
            }

            left.RemoveAll(names.Contains);
            groups.Add((names.ConvertAll(name => found.ByName[name]), rate));
        }

        return left.Count == 0 ? groups
            : throw new ArgumentException($"There is no learning rate for {string.Join(", ", left)}; add (\"\", rate) as the last one for all that is left.");
    }

    // Options that are left out become the optimizer's own, so that they are stated once.
    private IEnumerable<TGroup> Groups<TGroup>(TrainableParameters found, Func<IEnumerable<Parameter>, double, TGroup> make) =>
        [.. In(found).Select(group => make(group.Parameters, group.Rate))];
}
