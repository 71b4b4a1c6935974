using static TorchSharp.torch;

namespace ProbVae;

/// <summary>How a run is to go.</summary>
/// <param name="Layout">What an earlier run told of the shapes.</param>
/// <param name="Particles">Vectorized particles as a leading axis; null for none.</param>
/// <param name="Replay">A guide's trace whose values the latent variables take; null to draw them.</param>
/// <param name="IsGuide">Whether the program is a guide.</param>
/// <param name="Validate">Whether arguments and observations are held against their ranges.</param>
/// <param name="Detached">Whether a draw is to carry no gradient; null for none.</param>
/// <param name="Enumeration">The latent variables that the run goes through all values of; null for none.</param>
/// <param name="Draw">Which of several runs of one pass it is, each with draws of its own; null for the only one.</param>
/// <param name="Division">How the rows of a plate are divided among processes; null where this one sees them all.</param>
/// <param name="Leaf">What takes a draw's place, to see what is computed from it; null for the draw itself.</param>
internal sealed record RunSettings(Layout Layout, long? Particles = null, Trace? Replay = null, bool IsGuide = false, bool Validate = true, Enumeration? Enumeration = null, Func<SiteHandle, bool>? Detached = null, int? Draw = null, Func<SiteHandle, Tensor, Tensor>? Leaf = null, Division? Division = null);
