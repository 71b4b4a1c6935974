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
    private PhasePoint _here;

    /// <summary>Begins a chain.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="start">Where it starts, with its density.</param>
    /// <param name="lengths">How many iterations are adapted in, and how many kept.</param>
    /// <param name="options">How it goes.</param>
    /// <param name="key">Where its randomness comes from.</param>
    /// <param name="covariance">The first inverse mass matrix; the unit matrix unless given.</param>
    public NutsChain(int number, PhasePoint start, (int Warmup, int Draws) lengths, NutsOptions options, RandomKey key, double[]? covariance = null)
    {
        (Number, _here, _warmup, Total, _options, _key) = (number, start, lengths.Warmup, lengths.Warmup + lengths.Draws, options, key);
        _adaptation = new(start.Position.Length, lengths.Warmup, options, covariance);
        _draws = new double[(long)lengths.Draws * start.Position.Length];
        Record = new(lengths.Draws);
        _points = Points().GetEnumerator();
    }

    public int Number { get; }

    /// <summary>How many iterations it is to have.</summary>
    public int Total { get; }

    /// <summary>How many it has had.</summary>
    public int Iteration { get; private set; }

    /// <summary>The point whose log density and gradient it asks for.</summary>
    public PhasePoint Pending => _points.Current;

    /// <summary>What its kept iterations were like.</summary>
    public ChainRecord Record { get; }

    /// <summary>The kept positions, one after another.</summary>
    public ReadOnlySpan<double> Draws => _draws;

    /// <summary>Goes on with what was found at the last point, to the next; false at the end.</summary>
    public bool MoveNext() => _points.MoveNext();

    private IEnumerable<PhasePoint> Points()
    {
        foreach (var point in FindStepSize())
        {
            yield return point;
        }

        while (Iteration < Total)
        {
            var random = new KeyedNumbers(_key.Fold(Iteration));
            var trajectory = new Trajectory(_here.With(_adaptation.Metric.Momentum(random), _adaptation.Metric), _adaptation.StepSize, _adaptation.Metric, _options.MaxDepth, random);
            foreach (var point in trajectory.Run())
            {
                yield return point;
            }

            var stepSize = _adaptation.StepSize;
            _here = trajectory.Sample;
            if (Iteration >= _warmup)
            {
                _here.Position.CopyTo(_draws.AsSpan((Iteration - _warmup) * _here.Position.Length));
                Record.Add(trajectory, stepSize);
            }
            else if (_adaptation.Learn(Iteration, _here.Position, trajectory.Acceptance))
            {
                foreach (var point in FindStepSize())
                {
                    yield return point;
                }
            }

            if (Iteration + 1 == _warmup)
            {
                _adaptation.Finish();
            }

            Iteration++;
            _options.Progress?.Report(new(Number, Iteration, Total, Iteration <= _warmup, stepSize, trajectory.Acceptance, trajectory.Leapfrogs, trajectory.Divergence is not null));
        }
    }

    // Doubles or halves the step size until one step's acceptance crosses 0.8 (Hoffman and Gelman 2014, algorithm 4, with Stan's bound).
    private IEnumerable<PhasePoint> FindStepSize()
    {
        var random = new KeyedNumbers(_key.Fold("step size").Fold(Iteration));
        var (stepSize, direction) = (_adaptation.StepSize, 0);
        while (stepSize is > 1e-300 and < 1e7)
        {
            var from = _here.With(_adaptation.Metric.Momentum(random), _adaptation.Metric);
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
    }
}
