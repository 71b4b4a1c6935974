using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>What a handler does at a latent variable's site in place of drawing it; gives the site's value.</summary>
internal delegate Tensor SiteRule(Run run, Source source);

/// <summary>What handlers ask of a run; of this class itself, nothing.</summary>
internal class SiteRules
{
    /// <summary>No handler.</summary>
    public static SiteRules None { get; } = new();

    /// <summary>The distribution in a site's place.</summary>
    public virtual Source Swap(Run run, SiteHandle site, Source written) => written;

    /// <summary>What is done at a latent variable's site; null to draw it.</summary>
    public virtual SiteRule? At(Latent site) => null;

    /// <summary>What a site's log density is multiplied with, beside its plates.</summary>
    public virtual double Weight(SiteHandle site) => 1;

    /// <summary>A site's distribution with the events left out that do not count.</summary>
    public virtual Distribution Masked(Run run, SiteHandle site, Distribution distribution) => distribution;

    /// <summary>The latent variable that stands in a parameter's place; null where it was not lifted.</summary>
    public virtual Latent? Lifted(Parameter parameter) => null;

    /// <summary>What is wrong with a run as a whole, a sentence each.</summary>
    public virtual IEnumerable<string> Problems(Run run) => [];
}
