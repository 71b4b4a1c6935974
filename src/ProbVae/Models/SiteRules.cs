using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>What a handler does at a latent variable's site in place of drawing it; gives the site's value.</summary>
internal delegate Tensor SiteRule(Run run, Source source);

/// <summary>What a model's handlers ask of one of its runs.</summary>
internal abstract class SiteRules
{
    /// <summary>No handler.</summary>
    public static SiteRules None { get; } = new Absent();

    /// <summary>The distribution in a site's place.</summary>
    public abstract Source Swap(Run run, SiteHandle site, Source written);

    /// <summary>What is done at a latent variable's site; null to draw it.</summary>
    public abstract SiteRule? At(Latent site);

    /// <summary>What a site's log density is multiplied with, beside its plates.</summary>
    public abstract double Weight(SiteHandle site);

    /// <summary>A site's distribution with the events left out that do not count.</summary>
    public abstract Distribution Masked(Run run, SiteHandle site, Distribution distribution);

    /// <summary>The latent variable that stands in a parameter's place; null where it was not lifted.</summary>
    public abstract Latent? Lifted(Parameter parameter);

    /// <summary>What is wrong with a run as a whole, a sentence each.</summary>
    public abstract IEnumerable<string> Problems(Run run);

    private sealed class Absent : SiteRules
    {
        public override Source Swap(Run run, SiteHandle site, Source written) => written;

        public override SiteRule? At(Latent site) => null;

        public override double Weight(SiteHandle site) => 1;

        public override Distribution Masked(Run run, SiteHandle site, Distribution distribution) => distribution;

        public override Latent? Lifted(Parameter parameter) => null;

        public override IEnumerable<string> Problems(Run run) => [];
    }
}
