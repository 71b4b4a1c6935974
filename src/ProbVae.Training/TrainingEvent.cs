namespace ProbVae.Training;

/// <summary>What training tells as it goes.</summary>
/// <param name="Step">Gradient steps taken before.</param>
public abstract record TrainingEvent(long Step);

/// <summary>A step was taken.</summary>
/// <param name="Step">Gradient steps taken, this one included.</param>
/// <param name="Pass">Which pass it belongs to, from 1.</param>
/// <param name="InPass">Its place in that pass, from 1.</param>
/// <param name="SoFar">The means of the pass so far.</param>
public sealed record StepTaken(long Step, long Pass, long InPass, TermMeans SoFar) : TrainingEvent(Step);

/// <summary>A pass over the data came to its end.</summary>
/// <param name="Step">Gradient steps taken before.</param>
/// <param name="Pass">Which, from 1.</param>
/// <param name="Training">The means of its steps, each at the parameters of its time.</param>
/// <param name="Test">What <see cref="TrainingOptions{TData}.Test"/> is after it; null where there is none.</param>
public sealed record PassEnded(long Step, long Pass, TermMeans Training, TermMeans? Test) : TrainingEvent(Step);

/// <summary>The validation data were measured.</summary>
/// <param name="Step">Gradient steps taken before.</param>
/// <param name="Measured">Their means.</param>
/// <param name="IsBest">Whether no bound before was as high; the checkpoint is then kept as the best.</param>
/// <param name="Took">How long it took.</param>
public sealed record Validated(long Step, TermMeans Measured, bool IsBest, TimeSpan Took) : TrainingEvent(Step);

/// <summary>Training ended before its last step, as patience was lost.</summary>
/// <param name="Step">Gradient steps taken before.</param>
/// <param name="Validations">How many in a row were no better than the best.</param>
/// <param name="Best">The best.</param>
public sealed record StoppedEarly(long Step, int Validations, BestSoFar Best) : TrainingEvent(Step);
