using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Values of all summed-out variables together, given each draw of the continuous ones: the likeliest (max-product), or a draw (forward
/// filtering, backward sampling). The last variable eliminated comes first, and each next one given those that its factors read beside it.
/// </summary>
internal sealed class JointStates
{
    private readonly EnumeratedRuns _runs;

    /// <summary>Takes runs that went through all values.</summary>
    /// <exception cref="ModelException">The guide has one of the variables, so that its own site says its values.</exception>
    public JointStates(EnumeratedRuns runs) => _runs = runs.Variables.FirstOrDefault(variable => variable.InGuide) is not { } guided ? runs
        : throw new ModelException($"Site '{guided.Site}' is in the guide; take its values from guide.Trace(data, key), or leave it out of the guide.");

    /// <summary>The index of each variable's likeliest value, all together; of shape particles + all plate axes.</summary>
    public IReadOnlyDictionary<EnumeratedVariable, Tensor> Likeliest() => Backward(LogSums.Greatest, joint => joint.argmax(0));

    /// <summary>The indices of a joint draw.</summary>
    /// <param name="key">Where it comes from.</param>
    public IReadOnlyDictionary<EnumeratedVariable, Tensor> Draw(RandomKey key)
    {
        var step = 0;
        return Backward(LogSums.LogSumExp, joint => Categorical.FromLogits(joint.movedim([0], [-1])).SampleUnchecked(key.Fold(step++)));
    }

    /// <summary>The particle whose values have the greatest mean probability over all particles' draws of the continuous variables.</summary>
    /// <param name="chosen">Indices, of each particle's own.</param>
    public long MostProbable(IReadOnlyDictionary<EnumeratedVariable, Tensor> chosen)
    {
        if (_runs.Particles == 1)
        {
            return 0;
        }

        var parts = _runs.Sums().ToList();
        var evidence = Sum(parts.SelectMany(part => new PlatedElimination(LogSums.LogSumExp).Run(part.Factors)));
        var means = Enumerable.Range(0, (int)_runs.Particles).Select(particle =>
        {
            var values = chosen.ToDictionary(entry => entry.Key, entry => entry.Value.narrow(0, particle, 1).expand(_runs.BatchOf(entry.Key)));
            return Sum(parts.SelectMany(part => part.Factors).Select(factor => new Factor(At(factor, values), [], factor.Plates))).sub(evidence).logsumexp(0);
        });
        return stack([.. means]).argmax(0).item<long>();
    }

    /// <summary>A variable's values at indices.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="index">Of any shape.</param>
    /// <returns>Of that shape + event.</returns>
    public static Tensor ValuesAt(EnumeratedVariable variable, Tensor index) =>
        variable.Elements.index_select(0, index.reshape(-1)).reshape([.. index.shape, .. variable.Elements.shape[1..]]);

    private Dictionary<EnumeratedVariable, Tensor> Backward(Func<Tensor, long, Tensor> reduce, Func<Tensor, Tensor> choose)
    {
        using var noGrad = no_grad();
        Dictionary<EnumeratedVariable, Tensor> chosen = [];
        foreach (var part in _runs.Sums())
        {
            var elimination = new PlatedElimination(reduce);
            elimination.Run(part.Factors);
            foreach (var (variable, joint) in elimination.Eliminated.Reverse())
            {
                chosen.Add(variable, choose(Given(variable, joint, chosen)).expand(_runs.BatchOf(variable)));
            }
        }

        return chosen;
    }

    // The factor's axis of one variable, then particles and plates, at the values that the others were given.
    private Tensor Given(EnumeratedVariable variable, Factor joint, Dictionary<EnumeratedVariable, Tensor> chosen)
    {
        var log = Spread(joint, _runs.BatchOf(variable)).movedim([joint.Variables.ToList().IndexOf(variable)], [0]);
        return joint.Variables.Where(other => other != variable).Aggregate(log, (rest, other) => Picked(rest, 1, chosen[other]));
    }

    private Tensor At(Factor factor, Dictionary<EnumeratedVariable, Tensor> chosen) => factor.Variables.Aggregate(
        Spread(factor, [.. factor.Variables.Aggregate(new Shape([_runs.Particles, .. Enumerable.Repeat(1L, _runs.BatchRank - 1)]), (shape, variable) => shape.BroadcastWith(_runs.BatchOf(variable))!.Value).ToArray()]),
        (rest, variable) => Picked(rest, 0, chosen[variable]));

    private static Tensor Spread(Factor factor, long[] batch) =>
        factor.Log.expand([.. factor.Variables.Select(variable => variable.Size), .. Enumerable.Zip(factor.Log.shape[factor.Variables.Count..], batch, Math.Max)]);

    private Tensor Picked(Tensor log, int axis, Tensor chosen)
    {
        var sizes = log.shape;
        var batch = sizes[^_runs.BatchRank..];
        sizes[axis] = 1;
        var index = chosen.expand(batch).reshape([.. Enumerable.Repeat(1L, sizes.Length - batch.Length), .. batch]);
        return log.gather(axis, index.expand(sizes)).squeeze(axis);
    }

    // One number for each particle: over the plates' elements, each counted total / size times.
    private Tensor Sum(IEnumerable<Factor> factors) => factors.Select(factor =>
    {
        var byParticle = factor.Log.reshape(factor.Log.shape[0], -1);
        var copies = factor.Plates.Aggregate(1.0, (product, plate) => product * plate.Total) / byParticle.shape[1];
        return byParticle.sum(1).mul(copies).expand(_runs.Particles);
    }).Aggregate((sum, next) => sum.add(next));
}
