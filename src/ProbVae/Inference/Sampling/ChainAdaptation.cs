namespace ProbVae;

/// <summary>What a chain learns during warmup: a step size, and a metric by windows.</summary>
internal sealed class ChainAdaptation
{
    private readonly int _dimension;
    private readonly bool _dense;
    private readonly WarmupWindows _windows;
    private readonly DualAveraging _steps;
    private RunningCovariance _window;

    // M⁻¹: variances, or covariances row by row.
    private double[] _covariance;

    /// <summary>Begins with a metric.</summary>
    /// <param name="dimension">How many numbers there are.</param>
    /// <param name="warmup">How many iterations the warmup has.</param>
    /// <param name="options">Target, kind of metric.</param>
    /// <param name="covariance">The first M⁻¹; the unit matrix unless given.</param>
    public ChainAdaptation(int dimension, int warmup, NutsOptions options, double[]? covariance)
    {
        (_dimension, _dense, _windows, _steps) = (dimension, options.MassMatrix == MassMatrix.Dense, new(warmup), new(options.TargetAcceptance));
        _window = new(dimension, _dense);
        _covariance = covariance ?? RunningCovariance.Unit(dimension, _dense);
        Metric = Metric.Of(_covariance, dimension);
    }

    public Metric Metric { get; private set; }

    /// <summary>The step size to take next.</summary>
    public double StepSize { get; private set; } = 1;

    /// <summary>Begins the search for a step size near one.</summary>
    public void Restart(double stepSize)
    {
        _steps.Restart(stepSize);
        StepSize = stepSize;
    }

    /// <summary>Takes note of a transition of the warmup.</summary>
    /// <returns>Whether there is a new metric, for which a first step size is to be found.</returns>
    public bool Learn(int iteration, double[] position, double acceptance)
    {
        _steps.Learn(acceptance);
        StepSize = _steps.StepSize;
        if (_windows.Counts(iteration))
        {
            _window.Add(position);
        }

        if (!_windows.EndsAt(iteration))
        {
            return false;
        }

        _covariance = _window.Regularized(_covariance);
        Metric = Metric.Of(_covariance, _dimension);
        _window = new(_dimension, _dense);
        return true;
    }

    /// <summary>Saves it, or goes back to what was saved.</summary>
    public void Keep(KeptState state)
    {
        StepSize = state.Value(StepSize);
        _steps.Keep(state);
        _window.Keep(state);
        state.Values<double>(_covariance);
        Metric = Metric.Of(_covariance, _dimension);
    }

    /// <summary>Ends the warmup: the averaged step size stays.</summary>
    public void Finish() => StepSize = _steps.Averaged;
}
