namespace ProbVae;

/// <summary>
/// One chain as a state machine: it names a point, is told the log density and gradient there, and goes on. So the points of several chains are
/// evaluated together, and none waits for another's longer trajectory.
/// </summary>
internal sealed class NutsChain
{
    private readonly NutsOptions _options;
    private readonly RandomKey _key;
    private readonly int _warmup;
    private readonly ChainAdaptation _adaptation;
    private readonly IEnumerator<PhasePoint> _points;
    private readonly double[] _draws;

    // Log densities and gradients at the points of the iteration in progress. A checkpoint has them: evaluated again beside other chains' points,
    // a log density may differ in its last bit, as functions of whole registers take another way where one of their numbers is extreme.
    private readonly List<double> _found = [];
    private bool _needsStepSize = true;

    /// <summary>Begins a chain.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="start">Where it starts, with its density.</param>
    /// <param name="lengths">How many iterations are adapted in, and how many kept.</param>
    /// <param name="options">How it goes.</param>
    /// <param name="key">Where its randomness comes from.</param>
    /// <param name="covariance">The first inverse mass matrix; the unit matrix unless given.</param>
    public NutsChain(int number, PhasePoint start, (int Warmup, int Draws) lengths, NutsOptions options, RandomKey key, double[]? covariance = null)
    {
        (Number, Here, _warmup, Total, _options, _key) = (number, start, lengths.Warmup, lengths.Warmup + lengths.Draws, options, key);
        _adaptation = new(start.Position.Length, lengths.Warmup, options, covariance);
        _draws = new double[(long)lengths.Draws * start.Position.Length];
        (Record, Pending) = (new(lengths.Draws), new([.. start.Position]));
        _points = Points().GetEnumerator();
    }

    public int Number { get; }

    /// <summary>How many iterations it is to have.</summary>
    public int Total { get; }

    /// <summary>How many it has had.</summary>
    public int Iteration { get; private set; }

    /// <summary>Where its last iteration ended.</summary>
    public PhasePoint Here { get; private set; }

    /// <summary>The point whose log density and gradient it asks for; at the end the last one again, which it does not need.</summary>
    public PhasePoint Pending { get; private set; }

    /// <summary>What its kept iterations were like.</summary>
    public ChainRecord Record { get; }

    /// <summary>The kept positions, one after another.</summary>
    public ReadOnlySpan<double> Draws => _draws;

    /// <summary>Goes to the first point, or to the one at which it was saved; false at the end.</summary>
    public bool Begin()
    {
        var found = _found.ToArray();
        _found.Clear();
        var goesOn = Next();
        foreach (var point in found.Chunk(Pending.Position.Length + 1))
        {
            Pending.LogDensity = point[0];
            point.AsSpan(1).CopyTo(Pending.Gradient);
            goesOn = MoveNext();
        }

        return goesOn;
    }

    /// <summary>Goes on with what was found at the last point, to the next; false at the end.</summary>
    public bool MoveNext()
    {
        if (_options.Checkpoint is not null)
        {
            _found.Add(Pending.LogDensity);
            _found.AddRange(Pending.Gradient);
        }

        return Next();
    }

    /// <summary>Saves it, or, before it begins, goes back to what was saved: the end of its last iteration, and what was found since.</summary>
    public void Keep(KeptState state)
    {
        (Iteration, _needsStepSize) = (state.Value(Iteration), state.Value(_needsStepSize));
        Here.Keep(state);
        _adaptation.Keep(state);
        Record.Keep(state);
        state.List(_found);
        state.Values<double>(Pending.Position);
        state.Values(_draws.AsSpan(0, Math.Max(0, Iteration - _warmup) * Here.Position.Length));
    }

    private bool Next()
    {
        var goesOn = _points.MoveNext();

        // Not the last one itself, where the chain may be.
        Pending = goesOn ? _points.Current : new(Pending.Position);
        return goesOn;
    }

    // What is kept changes at the end of an iteration, or of a search for a step size, and nowhere between.
    private IEnumerable<PhasePoint> Points()
    {
        while (Iteration < Total)
        {
            if (_needsStepSize)
            {
                foreach (var point in FindStepSize())
                {
                    yield return point;
                }
            }

            var random = new KeyedNumbers(_key.Fold(Iteration));
            var trajectory = new Trajectory(Here.With(_adaptation.Metric.Momentum(random), _adaptation.Metric), _adaptation.StepSize, _adaptation.Metric, _options.MaxDepth, random);
            foreach (var point in trajectory.Run())
            {
                yield return point;
            }

            var stepSize = _adaptation.StepSize;
            Here = trajectory.Sample;
            if (Iteration >= _warmup)
            {
                Here.Position.CopyTo(_draws.AsSpan((Iteration - _warmup) * Here.Position.Length));
                Record.Add(trajectory, stepSize);
            }
            else
            {
                _needsStepSize = _adaptation.Learn(Iteration, Here.Position, trajectory.Acceptance);
            }

            if (Iteration + 1 == _warmup)
            {
                _adaptation.Finish();
            }

            Iteration++;
            _found.Clear();
            _options.Progress?.Report(new(Number, Iteration, Total, Iteration <= _warmup, stepSize, trajectory.Acceptance, trajectory.Leapfrogs, trajectory.Divergence is not null));
        }
    }

    // Doubles or halves the step size until one step's acceptance crosses 0.8 (Hoffman and Gelman 2014, algorithm 4, with Stan's bound).
    private IEnumerable<PhasePoint> FindStepSize()
    {
        var random = new KeyedNumbers(_key.Fold("step size").Fold(Math.Max(0, Iteration - 1)));
        var (stepSize, direction) = (_adaptation.StepSize, 0);
        while (stepSize is > 1e-300 and < 1e7)
        {
            var from = Here.With(_adaptation.Metric.Momentum(random), _adaptation.Metric);
            var to = from.Move(stepSize, _adaptation.Metric);
            yield return to;
            to.Arrive(stepSize, _adaptation.Metric);
            var wanted = from.Energy - to.Energy > Math.Log(0.8) ? 1 : -1;
            direction = direction == 0 ? wanted : direction;
            if (wanted != direction)
            {
                break;
            }

            stepSize = direction == 1 ? 2 * stepSize : stepSize / 2;
        }

        _adaptation.Restart(stepSize);
        _needsStepSize = false;
        _found.Clear();
    }
}
