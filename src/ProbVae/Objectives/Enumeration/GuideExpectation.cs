using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Expectations over the discrete variables that a guide has, as sums over all their values. A quantity that reads some of them is
/// weighted with their joint probability; what that probability is conditioned on is summed out in the guide's order, and sums
/// that several quantities need are taken once, so that a chain of T variables costs T of them.
/// </summary>
internal sealed class GuideExpectation
{
    private readonly Dictionary<EnumeratedVariable, Factor> _posteriors = [];
    private readonly Dictionary<string, Factor> _sums = [];
    private readonly Dictionary<Factor, int> _numbers = [];

    /// <summary>Takes the guide's factors.</summary>
    /// <param name="posteriors">log q of each enumerated variable, given what its site reads.</param>
    public GuideExpectation(IEnumerable<(EnumeratedVariable Variable, Factor Factor)> posteriors)
    {
        foreach (var (variable, factor) in posteriors)
        {
            _posteriors.Add(variable, factor);
        }
    }

    /// <summary>The joint probability of some variables, an axis for each.</summary>
    /// <param name="variables">The guide's variables, in their order.</param>
    public Tensor Probability(IReadOnlyList<EnumeratedVariable> variables)
    {
        List<Factor> factors = [];
        HashSet<EnumeratedVariable> closure = [];
        Include(variables);
        foreach (var variable in closure.OrderBy(variable => variable.Order).Where(variable => !variables.Contains(variable)))
        {
            var readers = factors.FindAll(factor => factor.Variables.Contains(variable));
            factors.RemoveAll(readers.Contains);
            factors.Add(SumOut(variable, readers));
        }

        return Factor.Product(factors).Along(variables).exp();

        void Include(IEnumerable<EnumeratedVariable> more)
        {
            foreach (var variable in more.Where(closure.Add).ToList())
            {
                factors.Add(_posteriors[variable]);
                Include(_posteriors[variable].Variables);
            }
        }
    }

    /// <summary>A quantity's expectation over the guide's variables, of shape (particles) + all plates' axes, 1 where it is the same.</summary>
    /// <param name="quantity">A quantity of the guide's variables alone.</param>
    public Tensor ByElement(Factor quantity)
    {
        if (quantity.Variables.Count == 0)
        {
            return quantity.Log;
        }

        var weights = Probability(quantity.Variables);
        var values = quantity.Log;
        var impossible = weights.detach().eq(0);
        if (impossible.any().ToBoolean())
        {
            // 0 · log 0 counts for nothing.
            values = values.expand(new Shape(values.shape).BroadcastWith(new Shape(weights.shape))!.Value.ToArray()).masked_fill(impossible, 0);
        }

        return weights.mul(values).sum([.. Enumerable.Range(0, quantity.Variables.Count).Select(axis => (long)axis)]);
    }

    /// <summary>A quantity's expectation, summed over its plates, scaled to the whole data and averaged over particles.</summary>
    /// <param name="quantity">A quantity of the guide's variables alone.</param>
    /// <param name="weight">What it counts with beside its plates.</param>
    /// <param name="particles">How many particles the run has.</param>
    public ScaledTensor Total(Factor quantity, double weight, long particles)
    {
        var values = ByElement(quantity);
        var elements = quantity.Plates.Aggregate(particles, (product, plate) => product * plate.Size);
        var scale = quantity.Plates.Aggregate(weight / particles, (product, plate) => product * plate.Scale);
        return new(values.sum(), scale * elements / values.numel());
    }

    private Factor SumOut(EnumeratedVariable variable, List<Factor> readers)
    {
        var key = $"{variable.Order}:{string.Join(",", readers.Select(Number))}";
        return _sums.TryGetValue(key, out var known) ? known
            : _sums[key] = Factor.Product(readers).Without(variable, LogSums.LogSumExp);
    }

    private int Number(Factor factor) => _numbers.TryGetValue(factor, out var number) ? number : _numbers[factor] = _numbers.Count;
}
