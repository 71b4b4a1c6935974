namespace ProbVae;

/// <summary>When a fit ends, what it measures and whom it tells.</summary>
public sealed record FitOptions
{
    /// <summary>The rules of which the first that is met ends the fit; none unless given.</summary>
    public IReadOnlyList<StoppingRule> Until { get; init; } = [];

    /// <summary>What is measured between steps, and after the last; the parameters of the best score are kept.</summary>
    public Validation? Validation { get; init; }

    /// <summary>Whether the parameters of the best score are put back at the end. A cancelled fit stays where it is, so that it can go on.</summary>
    public bool RestoreBest { get; init; } = true;

    /// <summary>Over how many steps <see cref="FitStep.SmoothedElbo"/> is averaged. Range: at least 1.</summary>
    public int SmoothingWindow { get; init; } = 100;

    /// <summary>Whether each step's gradient norm is measured; a rule that needs it asks for it itself.</summary>
    public bool GradientNorms { get; init; }

    /// <summary>Called after each step, in the fit's thread.</summary>
    public Action<FitStep>? OnStep { get; init; }
}
