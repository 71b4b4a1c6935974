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

    /// <summary>
    /// From how many places the fit starts; the best fit is kept, and the result says where they disagree. The first place is where the parameters
    /// are. Each other one has the locations of automatic guides at the best of 16 draws from the prior, and parameters that belong to no network moved by a
    /// standard normal number each; networks begin where they are. Best is the highest validation score, or the highest bound where there is no
    /// validation. Range: at least 1.
    /// </summary>
    public int Starts { get; init; } = 1;

    /// <summary>Over how many steps <see cref="FitStep.SmoothedElbo"/> is averaged. Range: at least 1.</summary>
    public int SmoothingWindow { get; init; } = 100;

    /// <summary>Whether each step's gradient norm is measured; a rule that needs it asks for it itself.</summary>
    public bool GradientNorms { get; init; }

    /// <summary>
    /// Who looks on: each is told of every step in the fit's thread, then of its end or of the exception that ended it. See
    /// <see cref="ProgressLine"/>, <see cref="TensorBoardLog"/> and <see cref="FitMeter"/>.
    /// </summary>
    public IReadOnlyList<IObserver<FitStep>> Observers { get; init; } = [];

    /// <summary>Called after each step, in the fit's thread.</summary>
    public Action<FitStep>? OnStep { get; init; }
}
