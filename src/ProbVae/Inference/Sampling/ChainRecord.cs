namespace ProbVae;

/// <summary>What the kept iterations of one chain were like.</summary>
internal sealed class ChainRecord(int draws)
{
    private readonly List<double> _energies = new(draws);
    private readonly List<int> _divergent = [];
    private double _acceptances;

    /// <summary>The Hamiltonian of each draw.</summary>
    public IReadOnlyList<double> Energies => _energies;

    /// <summary>The draws, counted from 0, whose trajectories diverged.</summary>
    public IReadOnlyList<int> Divergent => _divergent;

    /// <summary>How many trajectories were cut short at the greatest depth.</summary>
    public int CutShort { get; private set; }

    /// <summary>How many gradients all trajectories took.</summary>
    public long Gradients { get; private set; }

    public double StepSize { get; private set; }

    public double Acceptance => _energies.Count == 0 ? double.NaN : _acceptances / _energies.Count;

    /// <summary>Saves it, or goes back to what was saved.</summary>
    public void Keep(KeptState state)
    {
        state.List(_energies);
        state.List(_divergent);
        (_acceptances, CutShort, Gradients, StepSize) = (state.Value(_acceptances), state.Value(CutShort), state.Value(Gradients), state.Value(StepSize));
    }

    public void Add(Trajectory trajectory, double stepSize)
    {
        if (trajectory.Divergence is not null)
        {
            _divergent.Add(_energies.Count);
        }

        _energies.Add(trajectory.Sample.Energy);
        _acceptances += trajectory.Acceptance;
        CutShort += trajectory.WasCutShort ? 1 : 0;
        Gradients += trajectory.Leapfrogs;
        StepSize = stepSize;
    }
}
