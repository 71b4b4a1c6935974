using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Sums over the counts that have any mass, of each element of a batch. Some thousand counts are all visited. Where there are more, those
/// next to an end are visited and the sum over the others is the integral by Gauss and Legendre's rule, over panels in which the
/// logarithm of the mass moves little, with Euler and Maclaurin's correction at the seam (DLMF 2.10.1).
/// </summary>
internal sealed class CountSum
{
    private const int AllUpTo = 1024;
    private const int Visited = 256;
    private const double PanelInDeviations = 4;

    private readonly Tensor _counts;
    private readonly Tensor _weights;

    private CountSum(Tensor counts, Tensor weights) => (_counts, _weights) = (counts, weights);

    /// <summary>Chooses the counts of each element.</summary>
    /// <param name="arguments">The distribution's arguments in float64; they broadcast.</param>
    /// <param name="range">Where the mass is, by the arguments of one element.</param>
    public static CountSum Over(Tensor[] arguments, Func<double[], Range> range)
    {
        using var noGrad = no_grad();
        var all = broadcast_tensors(arguments);
        double[][] numbers = [.. all.Select(argument => argument.detach().cpu().contiguous().data<double>().ToArray())];
        var rules = new List<List<(double Count, double Weight)>>();
        for (var element = 0; element < numbers[0].Length; element++)
        {
            rules.Add(Rule(range([.. numbers.Select(each => each[element])])));
        }

        var longest = rules.Count == 0 ? 0 : rules.Max(rule => rule.Count);
        double[] counts = new double[longest * rules.Count], weights = new double[longest * rules.Count];
        foreach (var (element, rule) in rules.Index())
        {
            for (var i = 0; i < longest; i++)
            {
                // What is left over of a row repeats a count with weight 0.
                (counts[i * rules.Count + element], weights[i * rules.Count + element]) = i < rule.Count ? rule[i] : (rule[0].Count, 0);
            }
        }

        long[] shape = [longest, .. all[0].shape];
        return new(tensor(counts).reshape(shape).to(all[0].device), tensor(weights).reshape(shape).to(all[0].device));
    }

    /// <summary>−Σ P log P.</summary>
    /// <param name="logMass">log P of counts with a new first axis, whole or between whole numbers.</param>
    public Tensor Entropy(Func<Tensor, Tensor> logMass) => Expect(logMass, (_, log) => log).neg();

    /// <summary>Σ P f.</summary>
    /// <param name="logMass">log P of counts with a new first axis, whole or between whole numbers.</param>
    /// <param name="function">f, of the counts and of log P where P is not 0.</param>
    public Tensor Expect(Func<Tensor, Tensor> logMass, Func<Tensor, Tensor, Tensor> function)
    {
        var log = logMass(_counts);
        var impossible = log.isneginf();
        var finite = log.masked_fill(impossible, 0);
        return finite.exp().mul(function(_counts, finite)).mul(_weights).masked_fill(impossible, 0).sum(dim: 0);
    }

    private static List<(double Count, double Weight)> Rule(Range range)
    {
        var (least, greatest) = (Math.Max(0, Math.Floor(range.Least)), Math.Ceiling(Math.Min(range.Greatest, range.Total)));
        if (!double.IsFinite(least) || !double.IsFinite(greatest))
        {
            return [(double.NaN, 1)];
        }

        if (greatest - least <= AllUpTo)
        {
            return [.. Enumerable.Range(0, (int)(greatest - least) + 1).Select(step => (least + step, 1.0))];
        }

        var rule = new List<(double, double)>();
        var (from, to) = (least - 0.5, greatest + 0.5);
        if (least < Visited)
        {
            rule.AddRange(Enumerable.Range(0, Visited).Select(count => ((double)count, count == Visited - 1 ? 1 - 1.0 / 24 : 1)));
            rule.Add((Visited, 1.0 / 24));
            from = Visited - 0.5;
        }

        if (range.Total - greatest < Visited)
        {
            rule.AddRange(Enumerable.Range(0, Visited).Select(rest => (range.Total - rest, rest == Visited - 1 ? 1 - 1.0 / 24 : 1)));
            rule.Add((range.Total - Visited, 1.0 / 24));
            to = range.Total - Visited + 0.5;
        }

        for (var (start, end) = (from, from); start < to; start = end)
        {
            var width = Math.Min(PanelInDeviations / Math.Sqrt(Math.Max(range.Curvature(start + 0.5), 1e-300)), Math.Min(start + 1, (range.Total - start) / 2));
            end = start + width < to ? start + width : to;
            for (var i = 0; i < GaussLegendre.Nodes.Length; i++)
            {
                rule.Add((start + (end - start) * GaussLegendre.Nodes[i], (end - start) * GaussLegendre.Weights[i]));
            }
        }

        return rule;
    }

    /// <summary>Where the mass of one element lies.</summary>
    /// <param name="Least">Below lies no mass to speak of.</param>
    /// <param name="Greatest">Above lies none.</param>
    /// <param name="Curvature">How fast the slope of the logarithm of the mass changes at a count.</param>
    /// <param name="Total">The greatest count that there is.</param>
    public sealed record Range(double Least, double Greatest, Func<double, double> Curvature, double Total = double.PositiveInfinity);
}
