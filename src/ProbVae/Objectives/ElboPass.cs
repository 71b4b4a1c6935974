namespace ProbVae;

/// <summary>How an objective gets at the two programs in one pass of a step.</summary>
/// <param name="RunGuide">Runs the guide: it draws, or replays another of its traces.</param>
/// <param name="RunModel">Runs the model, at a guide's values.</param>
/// <param name="Settings">How the runs of this pass go.</param>
/// <param name="Freeze">Holds all parameters fixed, so that a run in between carries gradients of its draws alone; disposing lets them go.</param>
/// <param name="Inference">Whose pass it is: the same object in all its steps.</param>
/// <param name="Step">How many steps were taken before.</param>
internal sealed record ElboPass(Func<RunSettings, Trace> RunGuide, Func<RunSettings, Trace> RunModel, RunSettings Settings, Func<IDisposable> Freeze, object Inference, long Step);
