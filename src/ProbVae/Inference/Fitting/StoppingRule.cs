namespace ProbVae;

/// <summary>A condition on which a fit ends, as a value: the same rule serves any number of fits.</summary>
public abstract record StoppingRule
{
    /// <summary>Whether the rule looks at <see cref="FitStep.GradientNorm"/>, which is measured only where it is asked for.</summary>
    public virtual bool NeedsGradientNorm => false;

    /// <summary>Whether the rule looks at <see cref="FitStep.Score"/>, for which a fit needs <see cref="FitOptions.Validation"/>.</summary>
    public virtual bool NeedsScore => false;

    /// <summary>
    /// The ELBO has stopped changing: means over successive windows differ by less than a share of their size, several times in
    /// a row, and going farther along the way of their steps brings no more than that either: so steps that are too small to change anything
    /// are not taken for the end. It is the rule of automatic differentiation variational inference (Kucukelbir et al. 2017), with means in place of single
    /// estimates.
    /// </summary>
    /// <param name="tolerance">|new mean − old mean| / max(|old mean|, 1 nat) below which the ELBO counts as settled. Range: positive.</param>
    /// <param name="window">Steps in a window. Range: at least 1.</param>
    /// <param name="patience">How many times in a row. Range: at least 1.</param>
    public static StoppingRule RelativeChange(double tolerance = 1e-3, int window = 100, int patience = 3) => new RelativeChangeRule(tolerance, window, patience);

    /// <summary>
    /// The gradient is small: its norm's mean over a window is below a bound. Noise keeps the norm of a stochastic gradient up however
    /// close the optimum is, so the bound has to lie above the noise; more particles lower it.
    /// </summary>
    /// <param name="below">The bound, of the loss scaled to the whole data. Range: positive.</param>
    /// <param name="window">Steps in a window. Range: at least 1.</param>
    public static StoppingRule GradientNorm(double below, int window = 10) => new GradientNormRule(below, window);

    /// <summary>A number of steps were taken.</summary>
    /// <param name="count">How many. Range: at least 1.</param>
    public static StoppingRule Steps(long count) => new StepsRule(count);

    /// <summary>Validation has not improved for several measurements in a row: early stopping (Prechelt 1998).</summary>
    /// <param name="evaluations">How many measurements without a new best. Range: at least 1.</param>
    /// <param name="by">By how much a score must exceed the best to count as better. Range: not negative.</param>
    public static StoppingRule NoImprovement(int evaluations = 10, double by = 0) => new NoImprovementRule(evaluations, by);

    /// <summary>Begins to watch a fit.</summary>
    /// <returns>Is told every step in turn, and says in a sentence why to stop, or null to go on.</returns>
    public abstract Func<FitStep, string?> Start();

    private protected static T Positive<T>(T value, string name)
        where T : System.Numerics.INumber<T>
    {
        return T.IsPositive(value) && !T.IsZero(value) && T.IsFinite(value) ? value
            : throw new ArgumentOutOfRangeException(name, value, $"A stopping rule's {name} must be positive and finite.");
    }
}
