namespace ProbVae;

/// <summary>
/// One transition of the No-U-Turn sampler (Hoffman and Gelman 2014): a trajectory that doubles until it turns back, with multinomial
/// sampling among its points and the generalized criterion (Betancourt 2017, A Conceptual Introduction to Hamiltonian Monte Carlo, A.3 and A.4).
/// </summary>
/// <param name="start">Where it begins, with a fresh momentum.</param>
/// <param name="step">The step size.</param>
/// <param name="metric">The metric.</param>
/// <param name="maxDepth">How often it may double.</param>
/// <param name="random">Directions and choices.</param>
internal sealed class Trajectory(PhasePoint start, double step, Metric metric, int maxDepth, KeyedNumbers random)
{
    // A leapfrog step that gains so much energy has left the stable region (Betancourt 2017, section 6.2).
    private const double DivergentEnergy = 1000;

    private readonly PhasePoint _start = start;
    private readonly double _energy = start.Energy;
    private double _acceptances;

    /// <summary>The chain's next point.</summary>
    public PhasePoint Sample { get; private set; } = start;

    /// <summary>How often it doubled.</summary>
    public int Depth { get; private set; }

    /// <summary>How many gradients it took.</summary>
    public int Leapfrogs { get; private set; }

    /// <summary>Where the energy diverged; null where it did not.</summary>
    public PhasePoint? Divergence { get; private set; }

    /// <summary>Whether it would have gone on beyond the depth that it may have.</summary>
    public bool WasCutShort { get; private set; }

    /// <summary>The mean of min(1, exp(H₀ − H)) over the points.</summary>
    public double Acceptance => Leapfrogs == 0 ? 0 : _acceptances / Leapfrogs;

    /// <summary>Gives the points whose log density and gradient are to be found before the next is asked for.</summary>
    public IEnumerable<PhasePoint> Run()
    {
        // The whole so far, seen so that its end is where it grew last.
        var (whole, forward, leadsOn) = (Subtree.Leaf(_start, 0), true, true);
        while (leadsOn && Depth < maxDepth)
        {
            var onward = random.Uniform() > 0.5;
            (whole, forward) = (onward == forward ? whole : whole.Reversed(), onward);
            var branches = new Stack<Subtree>();
            var here = whole.End;
            var length = forward ? step : -step;
            for (var leaf = 0; leaf < 1 << Depth; leaf++)
            {
                here = here.Move(length, metric);
                yield return here;
                here.Arrive(length, metric);
                if (!Take(here, branches))
                {
                    yield break;
                }
            }

            var branch = branches.Pop();
            leadsOn = Subtree.LeadsOn(whole, branch);
            whole = whole.Then(branch, biased: true, random);
            Sample = whole.Proposal;
            Depth++;
        }

        WasCutShort = leadsOn;
    }

    // Subtrees of the same size are joined as soon as there are two; false where one of them turns back, or the energy diverges.
    private bool Take(PhasePoint point, Stack<Subtree> branches)
    {
        Leapfrogs++;
        var gain = _energy - point.Energy;
        _acceptances += Math.Min(1, Math.Exp(gain));
        if (-gain > DivergentEnergy)
        {
            Divergence = point;
            return false;
        }

        var grown = Subtree.Leaf(point, gain);
        while (branches.TryPeek(out var before) && before.Depth == grown.Depth)
        {
            branches.Pop();
            if (!Subtree.LeadsOn(before, grown))
            {
                return false;
            }

            grown = before.Then(grown, biased: false, random);
        }

        branches.Push(grown);
        return true;
    }
}
