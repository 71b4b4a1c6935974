using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A site that is in no density: its value was computed from others, set, or drawn and left alone.</summary>
public abstract record UnscoredSite(SiteHandle Handle, Distribution Distribution, Tensor Value, IReadOnlyList<Plate> Plates, IReadOnlyList<Latent>? Reads)
    : Site(Handle.Name, Distribution, Value, Plates, Reads)
{
    /// <inheritdoc/>
    public sealed override SiteHandle Key => Handle;
}

/// <summary>A quantity computed from latent variables, kept under a name.</summary>
public sealed record DeterministicSite(SiteHandle Handle, Distribution Distribution, Tensor Value, IReadOnlyList<Plate> Plates, IReadOnlyList<Latent>? Reads)
    : UnscoredSite(Handle, Distribution, Value, Plates, Reads)
{
    /// <inheritdoc/>
    public override string Role => "deterministic";
}

/// <summary>A latent variable whose value was set from outside, cut off from what it depended on: Pearl's do.</summary>
public sealed record IntervenedSite(SiteHandle Handle, Distribution Distribution, Tensor Value, IReadOnlyList<Plate> Plates)
    : UnscoredSite(Handle, Distribution, Value, Plates, [])
{
    /// <inheritdoc/>
    public override string Role => "intervened";
}

/// <summary>A latent variable that is drawn from its prior in each run and hidden from inference.</summary>
public sealed record BlockedSite(SiteHandle Handle, Distribution Distribution, Tensor Value, IReadOnlyList<Plate> Plates, IReadOnlyList<Latent>? Reads)
    : UnscoredSite(Handle, Distribution, Value, Plates, Reads)
{
    /// <inheritdoc/>
    public override string Role => "blocked";
}

/// <summary>A variable that only a guide has: what its latent variables' values are computed from. Its density is the guide's.</summary>
public sealed record AuxiliarySite(SiteHandle Handle, Distribution Distribution, Tensor Value, IReadOnlyList<Plate> Plates, IReadOnlyList<Latent>? Reads)
    : Site(Handle.Name, Distribution, Value, Plates, Reads)
{
    /// <inheritdoc/>
    public override SiteHandle Key => Handle;

    /// <inheritdoc/>
    public override string Role => "auxiliary";
}
