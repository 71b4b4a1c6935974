namespace ProbVae;

/// <summary>What a fit tells after each step.</summary>
/// <param name="Number">How many steps of this fit were taken, this one included.</param>
/// <param name="Estimate">The step's own estimate, at the parameters before it.</param>
/// <param name="SmoothedElbo">The mean ELBO of the last steps, in nats (<see cref="FitOptions.SmoothingWindow"/> of them).</param>
/// <param name="GradientNorm">The gradient's Euclidean norm before clipping; null unless it was asked for.</param>
/// <param name="Score">The validation score after the step; null where it was not measured.</param>
public sealed record FitStep(long Number, SviStep Estimate, double SmoothedElbo, double? GradientNorm, double? Score)
{
    /// <summary>Which of several starts the fit is from, counted from 0.</summary>
    public int Start { get; init; }

    /// <summary>The way that the parameters come; null where no fit is behind the step.</summary>
    internal ParameterWay? Way { get; init; }
}
