namespace ProbVae.Tests.Objectives.Enumeration;

/// <summary>A discrete joint distribution by a plain sum over all its states, in float64: what elimination is held against.</summary>
internal sealed class AllStates
{
    private readonly List<double[]> _marginals = [];

    /// <summary>Visits every state.</summary>
    /// <param name="sizes">How many values each variable has.</param>
    /// <param name="logJoint">log p of a state and the data.</param>
    public AllStates(int[] sizes, Func<int[], double> logJoint)
    {
        _marginals.AddRange(sizes.Select(size => new double[size]));
        var state = new int[sizes.Length];
        var total = 0.0;
        Best = double.NegativeInfinity;
        Mode = [];
        do
        {
            var log = logJoint(state);
            if (log > Best)
            {
                (Best, Mode) = (log, [.. state]);
            }

            var p = Math.Exp(log);
            total += p;
            for (var i = 0; i < sizes.Length; i++)
            {
                _marginals[i][state[i]] += p;
            }
        }
        while (Next(state, sizes));
        _marginals.ForEach(marginal => Array.ForEach([.. Enumerable.Range(0, marginal.Length)], k => marginal[k] /= total));
        LogEvidence = Math.Log(total);
    }

    /// <summary>log Σ p.</summary>
    public double LogEvidence { get; }

    /// <summary>The greatest log p.</summary>
    public double Best { get; }

    /// <summary>The likeliest state, the first of several.</summary>
    public int[] Mode { get; }

    /// <summary>Each variable's posterior probabilities.</summary>
    public IReadOnlyList<double[]> Marginals => _marginals;

    private static bool Next(int[] state, int[] sizes)
    {
        for (var i = 0; i < sizes.Length; i++)
        {
            if (++state[i] < sizes[i])
            {
                return true;
            }

            state[i] = 0;
        }

        return false;
    }
}
