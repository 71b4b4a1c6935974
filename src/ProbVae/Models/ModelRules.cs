using System.Collections.Immutable;
using System.Globalization;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>Puts a source in the place of another one.</summary>
internal delegate Source Swap<TData>(Run run, TData data, Source old);

/// <summary>What one handler does at one latent variable.</summary>
/// <param name="Word">The handler's name, for sentences.</param>
/// <param name="Visit">Gives the value, and records what belongs in the trace.</param>
/// <param name="Given">The value, where it is known whatever the variable's distribution is, so that a guide needs none; null elsewhere.</param>
internal sealed record ModelRule<TData>(string Word, Func<HandledSite, TData, Tensor> Visit, Func<TData, TensorLike>? Given = null);

/// <summary>All that handlers have asked of a model: a value, like the model.</summary>
internal sealed record ModelRules<TData>
{
    // Two factors that differ by less than this part are the same number written twice.
    private const double SameFactor = 1e-6;

    public static ModelRules<TData> None { get; } = new();

    public ImmutableDictionary<SiteHandle, Swap<TData>> Swaps { get; init; } = ImmutableDictionary<SiteHandle, Swap<TData>>.Empty;

    public ImmutableDictionary<SiteHandle, Func<TData, Tensor>> Masks { get; init; } = ImmutableDictionary<SiteHandle, Func<TData, Tensor>>.Empty;

    public ImmutableDictionary<SiteHandle, ModelRule<TData>> Rules { get; init; } = ImmutableDictionary<SiteHandle, ModelRule<TData>>.Empty;

    public ImmutableDictionary<SiteHandle, double> Weights { get; init; } = ImmutableDictionary<SiteHandle, double>.Empty;

    /// <summary>What every site's log density is multiplied with; null where no handler asked for it.</summary>
    public double? Everywhere { get; init; }

    public ImmutableDictionary<Parameter, Latent> Lifted { get; init; } = ImmutableDictionary.Create<Parameter, Latent>(ReferenceEqualityComparer.Instance);

    /// <summary>What a run does before the model's own sites.</summary>
    public ImmutableList<Action<Run, TData>> Before { get; init; } = [];

    /// <summary>Where all draws come from, whatever the run was given; null for what it was given.</summary>
    public RandomKey? Key { get; init; }

    /// <summary>What handlers captured and may hold parameters.</summary>
    public ImmutableList<Delegate> Delegates { get; init; } = [];

    /// <summary>Each handler's word and site, so that one whose site a run never comes to is refused.</summary>
    public IEnumerable<(string Word, SiteHandle Site)> Sites =>
        Swaps.Keys.Select(site => ("With", site)).Concat(Rules.Select(rule => (rule.Value.Word, rule.Key)))
        .Concat(Weights.Keys.Select(site => ("Scale", site))).Concat(Masks.Keys.Select(site => ("Mask", site)));

    /// <summary>With one more rule at a latent variable.</summary>
    /// <exception cref="ModelException">Another handler gives its value already.</exception>
    public ModelRules<TData> With(string word, Latent site, Func<HandledSite, TData, Tensor> visit, Delegate? captured = null, Func<TData, TensorLike>? given = null) =>
        Rules.TryGetValue(site, out var earlier)
            ? throw new ModelException($"{word}('{site}'): {earlier.Word}('{site}') gives that variable its value already; keep one of the two.")
            : this with { Rules = Rules.Add(site, new(word, visit, given)), Delegates = captured is null ? Delegates : Delegates.Add(captured) };

    public SiteRules For(TData data) => new Bound(this, data);

    /// <summary>Whether a guide may sample a variable whose value is known.</summary>
    public bool GiveValues => Rules.Values.Any(rule => rule.Given is not null);

    /// <summary>What a guide's run is asked where the model knows the values of variables that the guide samples.</summary>
    public SiteRules ForGuide(TData data) => new GivenValues(this, data);

    private sealed class GivenValues(ModelRules<TData> rules, TData data) : SiteRules
    {
        public override SiteRule? At(Latent site) => rules.Rules.TryGetValue(site, out var rule) && rule.Given is { } given
            ? (run, source) => new HandledSite(run, rule.Word, site, source).Set(
                given(data), (distribution, _, value, plates) => new IntervenedSite(site, new Delta(value).ToEvent(distribution.EventShape.Rank), value, plates))
            : null;

        // One density of several variables is not that of the others.
        public override IEnumerable<string> Problems(Run run) => run.Trace.Sites.OfType<AuxiliarySite>().Take(1).SelectMany(own => run.Trace.Sites.OfType<IntervenedSite>()
            .Select(site => $"{rules.Rules[(Latent)site.Handle].Word}('{site.Name}'): the guide computes that variable together with others from '{own.Name}', so it cannot leave it out; make the guide for the handled model."));
    }

    private sealed class Bound(ModelRules<TData> rules, TData data) : SiteRules
    {
        public override Source Swap(Run run, SiteHandle site, Source written) =>
            rules.Swaps.TryGetValue(site, out var swap) ? swap(run, data, written) : written;

        public override SiteRule? At(Latent site) =>
            rules.Rules.TryGetValue(site, out var rule) ? (run, source) => rule.Visit(new HandledSite(run, rule.Word, site, source), data) : null;

        public override double Weight(SiteHandle site) => rules.Weights.GetValueOrDefault(site, 1) * (rules.Everywhere ?? 1);

        // A mask is of whole events: it can be read only once it is known which axes are the plates'.
        public override Distribution Masked(Run run, SiteHandle site, Distribution distribution)
        {
            if (!rules.Masks.TryGetValue(site, out var lambda))
            {
                return distribution;
            }

            var mask = lambda(data) ?? throw new ModelException($"Mask('{site}'): its lambda gave null, and it must give a tensor of booleans; for no mask, drop the handler.");
            var shape = new Shape(mask.shape);
            return shape.BroadcastWith(distribution.BatchShape) == distribution.BatchShape
                ? distribution.Mask(mask)
                : throw run.Problems.Fail($"Mask('{site}'): the mask has shape {shape}, which does not broadcast to the axes {distribution.BatchShape} of the site's plates; a mask has one boolean for each event, here {distribution.Family} event {distribution.EventShape}. To leave out parts of an event, mask the distribution by With({site}, (s, old) => old.Mask(...)).");
        }

        public override Latent? Lifted(Parameter parameter) => rules.Lifted.GetValueOrDefault(parameter);

        public override IEnumerable<string> Problems(Run run) =>
            [.. Unread(run), .. rules.Masks.Keys.SelectMany(site => Undense(run, "Mask", site)), .. rules.Weights.SelectMany(weight => Misweighted(run, weight.Key, weight.Value)), .. Joint(run), .. Unmasked(run)];

        private IEnumerable<string> Unread(Run run) => rules.Lifted.Values.Where(site => !run.Reads.HaveLifted(site))
            .Select(site => $"Lift('{site}'): the model never reads that parameter through s[parameter] or s.Call(network, input), so the latent variable in its place has no effect; read it so wherever the model uses it.");

        private static IEnumerable<string> Misweighted(Run run, SiteHandle handle, double weight)
        {
            foreach (var problem in Undense(run, "Scale", handle))
            {
                yield return problem;
            }

            if (run.Trace.Find(handle) is ObservedSite { Plates: var plates } && TwiceIn(plates, weight) is { } twice)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"Scale('{handle}', {weight:G6}): {twice} scales that site by {weight:G6} already, so the likelihood would be scaled twice; drop this Scale.");
            }
        }

        private static IEnumerable<string> Undense(Run run, string word, SiteHandle handle)
        {
            if (run.Trace.Find(handle) is UnscoredSite unscored)
            {
                yield return $"{word}('{handle}'): that site is {unscored.Role} in this model and is in no density.";
            }
        }

        // A single plate's total / size, or that of all: what a likelihood is scaled with by hand where a system has no plates.
        private static string? TwiceIn(IReadOnlyList<Plate> plates, double weight)
        {
            var subsampled = plates.Where(plate => plate.Scale != 1).ToList();
            return subsampled.Find(plate => Same(plate.Scale, weight)) is { } one ? $"the plate {one}"
                : subsampled.Count > 1 && Same(subsampled.Aggregate(1.0, (scale, plate) => scale * plate.Scale), weight) ? $"the product of its plates {string.Join(", ", subsampled)}"
                : null;
        }

        private static bool Same(double scale, double weight) => Math.Abs(scale - weight) <= SameFactor * scale;

        // Such a guide has one density for several latent variables, of which one term alone cannot be weighed.
        private IEnumerable<string> Joint(Run run)
        {
            if (run.Settings.Replay?.Sites.OfType<AuxiliarySite>().FirstOrDefault() is not { } own)
            {
                return [];
            }

            var weighed = rules.Everywhere is null ? rules.Weights.Keys.Where(site => run.Trace.Find(site) is LatentSite).Select(site => $"Scale('{site}')") : ["Scale(factor)"];
            return weighed.Select(word => $"{word}: the guide computes latent variables from '{own.Name}', whose density is that of all of them together, so the KL term of one cannot be scaled; use a guide that samples each latent variable, or scale observations only.");
        }

        private static IEnumerable<string> Unmasked(Run run) => run.Trace.Latents
            .Where(prior => prior.Distribution is Masked masked && run.Settings.Replay?.Find(prior.Handle) is LatentSite { Distribution: var posterior }
                && posterior is not Delta && !(posterior is Masked both && masked.HasMaskOf(both)))
            .Select(prior => $"Site '{prior.Name}': the prior leaves elements out by a mask that the guide's distribution does not have, so nothing would hold these elements' posterior; mask it in the guide too, with the same mask.");
    }
}
