using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Tensor variable elimination: sums variables out of a product of factors with plates, exactly (Obermeyer et al. 2019, Tensor
/// Variable Elimination for Plated Factor Graphs, algorithm 1). The innermost plates come first: there each connected component
/// loses its local variables one by one, and becomes a product over the elements of the plates that no variable left in it stands in.
/// </summary>
/// <param name="reduce">Takes one axis away: the log of a sum, or a maximum.</param>
internal sealed class PlatedElimination(Func<Tensor, long, Tensor> reduce)
{
    private readonly List<(EnumeratedVariable Variable, Factor Joint)> _eliminated = [];

    /// <summary>The variables in the order in which they were eliminated, each with the product of the factors that read it then.</summary>
    public IReadOnlyList<(EnumeratedVariable Variable, Factor Joint)> Eliminated => _eliminated;

    /// <summary>Eliminates all variables that the guide has not.</summary>
    /// <param name="factors">The factors.</param>
    /// <returns>What is left, their sum in logarithms: factors of the guide's variables alone, or of none.</returns>
    /// <exception cref="ModelException">
    /// Variables in different plates meet in their union, which no elimination in polynomial time can take apart; or a variable outside a
    /// subsampled plate is to be eliminated, whose sum needs all of the plate's elements.
    /// </exception>
    public IReadOnlyList<Factor> Run(IReadOnlyList<Factor> factors)
    {
        List<Factor> left = [.. factors], results = [];
        while (left.Count > 0)
        {
            var leaf = left.MaxBy(factor => factor.Plates.Count)!.Plates;
            var here = left.Where(factor => Same(factor.Plates, leaf)).ToList();
            left.RemoveAll(factor => Same(factor.Plates, leaf));
            foreach (var (component, local) in FactorGraph.Components(here, variable => !variable.InGuide && Same(variable.Plates, leaf)))
            {
                var rest = Eliminate(component, local, results);
                if (rest.Variables.All(variable => variable.InGuide))
                {
                    results.Add(rest);
                    continue;
                }

                Plate[] gone = [.. leaf.Where(plate => rest.Variables.All(variable => !variable.Plates.Contains(plate)))];
                if (gone.FirstOrDefault(plate => plate.Size != plate.Total) is { } part)
                {
                    throw Subsampled(rest, part);
                }

                left.Add(gone.Length > 0 ? rest.ProductOver(gone) : throw Intractable(rest));
            }
        }

        return results;
    }

    private static bool Same(IReadOnlyList<Plate> some, IReadOnlyList<Plate> others) => some.Count == others.Count && some.All(others.Contains);

    private Factor Eliminate(IReadOnlyList<Factor> factors, IReadOnlyList<EnumeratedVariable> local, List<Factor> results)
    {
        List<Factor> left = [.. factors], heights = [];
        foreach (var variable in FactorGraph.GreedyOrder(factors, local))
        {
            var joint = Factor.Product(left.FindAll(factor => factor.Variables.Contains(variable)));
            left.RemoveAll(factor => factor.Variables.Contains(variable));
            _eliminated.Add((variable, joint));
            left.Add(Lowered(joint.Without(variable, reduce), heights));
        }

        if (heights.Count > 0)
        {
            results.Add(Factor.Product(heights));
        }

        return Factor.Product(left);
    }

    // A message's height is the same for all values, so it is counted apart: along a chain it would grow and cost the message its digits.
    private static Factor Lowered(Factor message, List<Factor> heights)
    {
        if (message.Variables.Count == 0)
        {
            return message;
        }

        var height = message.Log.detach().amax([.. Enumerable.Range(0, message.Variables.Count).Select(axis => (long)axis)], keepdim: true);
        height = height.masked_fill(height.isneginf(), 0);
        heights.Add(new Factor(height.reshape(height.shape[message.Variables.Count..]), [], message.Plates));
        return new Factor(message.Log.sub(height), message.Variables, message.Plates);
    }

    private static ModelException Subsampled(Factor rest, Plate plate)
    {
        var outside = string.Join(" and ", rest.Variables.Where(variable => !variable.InGuide));
        return new ModelException($"{outside}: the sum over all values goes over a product of all elements of plate {plate}, and the logarithm of a minibatch's sum is no bound on theirs. Give the whole data, or the guide a site for {outside}.");
    }

    private static ModelException Intractable(Factor rest)
    {
        var plates = string.Join(", ", rest.Plates.Select(plate => plate.Name));
        return new ModelException($"{string.Join(" and ", rest.Variables)} are read together in plate {plates}: every element of one plate is tied to every element of the other, and their sum has no exact form in polynomial time (Obermeyer et al. 2019). Give the guide a site for {(rest.Variables.Any(variable => variable.InGuide) ? "all of them" : "one of them or more")} that is not enumerated, or write one of them without its own plate.");
    }
}
