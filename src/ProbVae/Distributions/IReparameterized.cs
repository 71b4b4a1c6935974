namespace ProbVae;

/// <summary>
/// Marks a family whose draws are differentiable in its arguments (the pathwise gradient; Kingma and Welling 2014,
/// Auto-Encoding Variational Bayes). The engine reads this type and nothing else; a test proves it for each family that bears it.
/// </summary>
#pragma warning disable CA1040 // The type itself is the statement; the draws come from Distribution.Sample.
public interface IReparameterized;
#pragma warning restore CA1040
