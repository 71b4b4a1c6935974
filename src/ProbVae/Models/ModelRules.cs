using System.Collections.Immutable;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>Puts a source in the place of another one.</summary>
internal delegate Source Swap<TData>(Run run, TData data, Source old);

/// <summary>What one handler does at one latent variable.</summary>
/// <param name="Word">The handler's name, for sentences.</param>
/// <param name="Visit">Gives the value, and records what belongs in the trace.</param>
internal sealed record ModelRule<TData>(string Word, Func<Run, TData, Source, Tensor> Visit);

/// <summary>All that handlers have asked of a model: a value, like the model.</summary>
internal sealed record ModelRules<TData>
{
    public static ModelRules<TData> None { get; } = new();

    public ImmutableDictionary<SiteHandle, Swap<TData>> Swaps { get; init; } = ImmutableDictionary<SiteHandle, Swap<TData>>.Empty;

    public ImmutableDictionary<SiteHandle, ModelRule<TData>> Rules { get; init; } = ImmutableDictionary<SiteHandle, ModelRule<TData>>.Empty;

    public ImmutableDictionary<SiteHandle, double> Weights { get; init; } = ImmutableDictionary<SiteHandle, double>.Empty;

    public ImmutableDictionary<Parameter, Latent> Lifted { get; init; } = ImmutableDictionary.Create<Parameter, Latent>(ReferenceEqualityComparer.Instance);

    /// <summary>What a run does before the model's own sites.</summary>
    public ImmutableList<Action<Run, TData>> Before { get; init; } = [];

    /// <summary>Where all draws come from, whatever the run was given; null for what it was given.</summary>
    public RandomKey? Key { get; init; }

    /// <summary>What handlers captured and may hold parameters.</summary>
    public ImmutableList<Delegate> Delegates { get; init; } = [];

    /// <summary>Each handler's word and site, so that one whose site a run never comes to is refused.</summary>
    public IEnumerable<(string Word, SiteHandle Site)> Sites =>
        Swaps.Keys.Select(site => ("With", site)).Concat(Rules.Select(rule => (rule.Value.Word, rule.Key))).Concat(Weights.Keys.Select(site => ("Scale", site)));

    public SiteRules For(TData data) => new Bound(this, data);

    private sealed class Bound(ModelRules<TData> rules, TData data) : SiteRules
    {
        public override Source Swap(Run run, SiteHandle site, Source written) =>
            rules.Swaps.TryGetValue(site, out var swap) ? swap(run, data, written) : written;

        public override SiteRule? At(Latent site) =>
            rules.Rules.TryGetValue(site, out var rule) ? (run, source) => rule.Visit(run, data, source) : null;

        public override double Weight(SiteHandle site) => rules.Weights.GetValueOrDefault(site, 1);

        public override Latent? Lifted(Parameter parameter) => rules.Lifted.GetValueOrDefault(parameter);
    }
}
