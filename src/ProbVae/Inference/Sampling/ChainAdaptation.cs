namespace ProbVae;

/// <summary>What a chain learns during warmup: a step size, and a metric by windows.</summary>
internal sealed class ChainAdaptation
{
    private readonly int _dimension;
    private readonly bool _dense;
    private readonly WarmupWindows _windows;
    private readonly DualAveraging _steps;
    private RunningCovariance _window;

    /// <summary>Begins with a metric.</summary>
    /// <param name="dimension">How many numbers there are.</param>
    /// <param name="warmup">How many iterations the warmup has.</param>
    /// <param name="options">Target, kind of metric.</param>
    /// <param name="covariance">The first M⁻¹; the unit matrix unless given.</param>
    public ChainAdaptation(int dimension, int warmup, NutsOptions options, double[]? covariance)
    {
        (_dimension, _dense, _windows, _steps) = (dimension, options.MassMatrix == MassMatrix.Dense, new(warmup), new(options.TargetAcceptance));
        _window = new(dimension, _dense);
        Covariance = covariance ?? _window.Regularized();
        Metric = Metric.Of(Covariance, dimension);
    }

    /// <summary>M⁻¹: variances, or covariances row by row.</summary>
    public double[] Covariance { get; private set; }

    public Metric Metric { get; private set; }

    /// <summary>The step size to take next.</summary>
    public double StepSize { get; private set; } = 1;

    /// <summary>What is needed to go on, for a checkpoint; the windows are planned from the warmup.</summary>
    public AdaptationState State
    {
        get => new(StepSize, _steps.State, _window.State, Covariance);
        set
        {
            (StepSize, _steps.State, _window.State, Covariance) = (value.StepSize, value.Steps, value.Window, value.Covariance);
            Metric = Metric.Of(Covariance, _dimension);
        }
    }

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

        Covariance = _window.Regularized();
        Metric = Metric.Of(Covariance, _dimension);
        _window = new(_dimension, _dense);
        return true;
    }

    /// <summary>Ends the warmup: the averaged step size stays.</summary>
    public void Finish() => StepSize = _steps.Averaged;
}

/// <summary>An adaptation's numbers.</summary>
internal sealed record AdaptationState(
    double StepSize, (double StepSize, double Mu, double Gap, double Average, long Count) Steps, (long Count, double[] Mean, double[] Sum) Window, double[] Covariance);
