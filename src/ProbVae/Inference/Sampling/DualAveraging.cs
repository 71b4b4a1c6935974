namespace ProbVae;

/// <summary>
/// Nesterov's dual averaging of the logarithm of a step size (Hoffman and Gelman 2014, The No-U-Turn Sampler, section 3.2), with
/// γ = 0.05, t₀ = 10 and κ = 0.75.
/// </summary>
/// <param name="target">The mean acceptance that is wanted, δ.</param>
internal sealed class DualAveraging(double target)
{
    private const double Gamma = 0.05;
    private const double T0 = 10;
    private const double Kappa = 0.75;

    private double _mu;
    private double _gap;
    private double _average;
    private long _count;

    /// <summary>The step size to take next.</summary>
    public double StepSize { get; private set; }

    /// <summary>The step size that warmup comes to.</summary>
    public double Averaged => Math.Exp(_average);

    /// <summary>Begins anew at a step size; ten times as long ones are tried first.</summary>
    public void Restart(double stepSize) => (StepSize, _mu, _gap, _average, _count) = (stepSize, Math.Log(10 * stepSize), 0, 0, 0);

    /// <summary>Saves it, or goes back to what was saved.</summary>
    public void Keep(KeptState state) =>
        (StepSize, _mu, _gap, _average, _count) = (state.Value(StepSize), state.Value(_mu), state.Value(_gap), state.Value(_average), state.Value(_count));

    /// <summary>Takes note of a transition's acceptance.</summary>
    public void Learn(double acceptance)
    {
        _count++;
        var share = 1 / (_count + T0);
        _gap = ((1 - share) * _gap) + (share * (target - Math.Min(1, acceptance)));
        var log = _mu - (_gap * Math.Sqrt(_count) / Gamma);
        var weight = Math.Pow(_count, -Kappa);
        _average = (weight * log) + ((1 - weight) * _average);
        StepSize = Math.Exp(log);
    }
}
