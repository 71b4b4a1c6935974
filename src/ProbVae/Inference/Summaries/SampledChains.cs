namespace ProbVae;

/// <summary>What the chains of a sampler say of themselves; a posterior's draws are theirs, one chain after another.</summary>
public sealed class SampledChains
{
    /// <summary>The fewest draws of a chain that can be halved and compared.</summary>
    internal const int LeastDraws = 4;

    // Below it, Stan warns of low energy mixing (Betancourt 2016, Diagnosing Suboptimal Cotangent Disintegrations).
    private const double LeastEnergyMixing = 0.3;

    private readonly IReadOnlyList<ChainRecord> _records;
    private readonly string? _refusal;

    internal SampledChains(IReadOnlyList<ChainRecord> records, int draws, bool vectorized, bool wasCancelled, string? refusal) =>
        (_records, Draws, IsVectorized, WasCancelled, _refusal) = (records, draws, vectorized, wasCancelled, refusal);

    /// <summary>How many chains there are.</summary>
    public int Count => _records.Count;

    /// <summary>How many draws each has.</summary>
    public int Draws { get; }

    /// <summary>Whether the chains' points were evaluated together, along a leading axis.</summary>
    public bool IsVectorized { get; }

    /// <summary>Whether the sampling was cancelled, so that there are fewer draws than were asked for.</summary>
    public bool WasCancelled { get; }

    /// <summary>Each chain's step size.</summary>
    public IReadOnlyList<double> StepSizes => [.. _records.Select(record => record.StepSize)];

    /// <summary>Each chain's mean acceptance.</summary>
    public IReadOnlyList<double> Acceptances => [.. _records.Select(record => record.Acceptance)];

    /// <summary>The places in the posterior's draws at which a trajectory diverged: the draws from there on tell where to look.</summary>
    public IReadOnlyList<int> Divergences => [.. _records.SelectMany((record, chain) => record.Divergent.Where(draw => draw < Draws).Select(draw => (chain * Draws) + draw))];

    /// <summary>How many trajectories were cut short at the greatest depth.</summary>
    public int CutShort => _records.Sum(record => record.CutShort);

    /// <summary>How many gradients all kept draws took together.</summary>
    public long Gradients => _records.Sum(record => record.Gradients);

    /// <summary>The Hamiltonian at each draw, chain by chain.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Energies => [.. _records.Select(record => record.Energies.Take(Draws).ToArray())];

    /// <summary>
    /// Each chain's energy Bayesian fraction of missing information (Betancourt 2016): the mean square of the energy's changes over its variance. Low
    /// where momenta move the energy by less than its spread.
    /// </summary>
    public IReadOnlyList<double> EnergyMixing => [.. Energies.Select(Mixing)];

    /// <summary>What speaks against the chains, in sentences: divergences, low energy mixing, trajectories cut short.</summary>
    public IReadOnlyList<string> Warnings => [.. Problems()];

    /// <summary>How many chains and draws, gradients a draw, and the warnings.</summary>
    public override string ToString() => string.Join(Environment.NewLine, [
        FormattableString.Invariant($"{Count} chain{(Count == 1 ? "" : "s")} of {Draws} draws{(WasCancelled ? " (cancelled)" : "")}, {(double)Gradients / Count / Draws:F1} gradients a draw, acceptance {Acceptances.Average():F2}."),
        .. Warnings]);

    /// <summary>Ranks among the halves of all chains.</summary>
    internal RankNormalization NewRanks() => new(Count * (Draws / 2 * 2));

    /// <summary>The draws of one number, chain by chain.</summary>
    internal double[][] Of(double[] draws) => [.. draws.Chunk(Draws)];

    private IEnumerable<string> Problems()
    {
        if (Divergences.Count > 0)
        {
            yield return $"{Divergences.Count} of {Count * Draws} trajectories diverged: the posterior bends too sharply for the step size somewhere, and draws from there are missing. Write the model so that it bends less (a non-centred scale: With(…).Decenter), or take shorter steps: TargetAcceptance = 0.95 or 0.99. Chains.Divergences tells at which draws.";
        }

        if (CutShort > 0 && CutShort >= 0.01 * Count * Draws)
        {
            yield return $"{CutShort} of {Count * Draws} trajectories were cut short at MaxDepth: the draws are right, and slow to come. Numbers of very different scales or strong correlations need MassMatrix.Dense or another form of the model; MaxDepth = 12 lets trajectories go on.";
        }

        var low = EnergyMixing.Index().Where(entry => entry.Item < LeastEnergyMixing).ToList();
        if (low.Count > 0)
        {
            yield return FormattableString.Invariant($"The energy of chain {string.Join(", ", low.Select(entry => entry.Index))} mixes slowly (fraction of missing information {low.Min(entry => entry.Item):F2}, below {LeastEnergyMixing}): the tails are explored poorly. Heavy tails or a hierarchy want another form of the model; a longer warmup may help.");
        }

        if (_refusal is not null)
        {
            yield return $"At some points the model could not be computed, and its density was taken for 0 there; the first time: {_refusal.Split('\n')[0]}";
        }
    }

    private static double Mixing(IReadOnlyList<double> energies)
    {
        var mean = energies.Average();
        var changes = energies.Skip(1).Zip(energies, (next, before) => (next - before) * (next - before)).Sum();
        return changes / energies.Sum(energy => (energy - mean) * (energy - mean));
    }
}
