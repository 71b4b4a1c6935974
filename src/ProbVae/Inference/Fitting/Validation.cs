namespace ProbVae;

/// <summary>A score that a fit measures between steps, higher being better.</summary>
/// <param name="Score">Measures it: the ELBO of held-out data, say.</param>
/// <param name="Every">After how many steps each time. Range: at least 1.</param>
public sealed record Validation(Func<double> Score, long Every = 100);
