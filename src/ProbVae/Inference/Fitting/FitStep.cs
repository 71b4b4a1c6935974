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

    /// <summary>How many steps the fit takes at most; null where its data tell by their end.</summary>
    public long? AtMost { get; init; }

    /// <summary>The way that the parameters come; null where no fit is behind the step.</summary>
    internal ParameterWay? Way { get; init; }

    /// <summary>The step and its figures.</summary>
    public override string ToString() => FormattableString.Invariant($"step {Number} of the fit: smoothed ELBO {SmoothedElbo:G6}, this step's {Estimate.Elbo:G6}")
        + (GradientNorm is { } norm ? FormattableString.Invariant($", gradient norm {norm:G4}") : "") + (Score is { } score ? FormattableString.Invariant($", validation score {score:G6}") : "");
}
