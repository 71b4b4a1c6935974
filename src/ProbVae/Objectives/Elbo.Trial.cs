namespace ProbVae;

/// <content>What is asked of an objective before its first step.</content>
public abstract partial class Elbo
{
    /// <summary>Whether the runs have a leading axis of several particles.</summary>
    internal bool HasParticleAxis => Vectorized && Particles > 1;

    /// <summary>Whether the gradient reaches the guide's arguments through the draws of a site, so that whatever reads a draw must carry its gradient.</summary>
    internal virtual bool IsPathwise(LatentSite posterior) => posterior.Distribution.IsReparameterized;

    /// <summary>Runs guide and model as an estimate does.</summary>
    internal virtual (Trace Guide, Trace Model) Runs(ElboPass pass)
    {
        var guide = pass.RunGuide(pass.Settings);
        return (guide, pass.RunModel(pass.Settings with { Replay = guide }));
    }
}
