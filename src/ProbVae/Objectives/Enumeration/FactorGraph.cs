namespace ProbVae;

/// <summary>Which factors share which variables.</summary>
internal static class FactorGraph
{
    /// <summary>Parts that share no variable of some kind, in the order of their first factors.</summary>
    /// <param name="factors">The factors.</param>
    /// <param name="joins">Whether two factors that both read a variable belong together.</param>
    /// <returns>The factors of each part, and its variables of that kind.</returns>
    public static IEnumerable<(IReadOnlyList<Factor> Factors, IReadOnlyList<EnumeratedVariable> Variables)> Components(
        IReadOnlyList<Factor> factors, Func<EnumeratedVariable, bool> joins)
    {
        var readers = factors.SelectMany(factor => factor.Variables.Where(joins), (factor, variable) => (factor, variable))
            .ToLookup(pair => pair.variable, pair => pair.factor);
        HashSet<Factor> seen = [];
        foreach (var first in factors)
        {
            if (!seen.Add(first))
            {
                continue;
            }

            List<Factor> component = [first];
            HashSet<EnumeratedVariable> variables = [];
            for (var next = 0; next < component.Count; next++)
            {
                foreach (var variable in component[next].Variables.Where(joins).Where(variables.Add).ToList())
                {
                    component.AddRange(readers[variable].Where(seen.Add));
                }
            }

            yield return (component, [.. variables.OrderBy(variable => variable.Order)]);
        }
    }

    /// <summary>An order of elimination: next comes the variable whose factors' product is the smallest, and the earliest of several.</summary>
    /// <param name="factors">The factors.</param>
    /// <param name="variables">What is to be eliminated, in the order in which the runs came to it.</param>
    public static IEnumerable<EnumeratedVariable> GreedyOrder(IReadOnlyList<Factor> factors, IReadOnlyList<EnumeratedVariable> variables)
    {
        Dictionary<EnumeratedVariable, HashSet<EnumeratedVariable>> beside = [];
        foreach (var factor in factors)
        {
            foreach (var variable in factor.Variables)
            {
                (beside.TryGetValue(variable, out var others) ? others : beside[variable] = []).UnionWith(factor.Variables);
            }
        }

        var costs = variables.ToDictionary(variable => variable, Cost);
        while (costs.Count > 0)
        {
            var (least, _) = costs.MinBy(entry => (entry.Value, entry.Key.Order));
            costs.Remove(least);
            yield return least;
            foreach (var neighbour in beside[least].Where(neighbour => neighbour != least))
            {
                beside[neighbour].UnionWith(beside[least]);
                beside[neighbour].Remove(least);
                if (costs.ContainsKey(neighbour))
                {
                    costs[neighbour] = Cost(neighbour);
                }
            }
        }

        double Cost(EnumeratedVariable variable) => beside[variable].Aggregate(1.0, (product, other) => product * other.Size);
    }
}
