namespace ProbVae;

/// <summary>Where a site's distribution comes from.</summary>
/// <param name="Make">Makes it; called once a run, in the plates of the site.</param>
/// <param name="Constant">Whether it is the same for all data.</param>
/// <param name="DeclaresReads">Whether it gets at latent variables only through <see cref="Scope{TData}"/>, so that what it reads is known.</param>
internal sealed record Source(Func<Distribution> Make, bool Constant = false, bool DeclaresReads = false);
