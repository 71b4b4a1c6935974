using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// One run of a program: what a model or a guide talks to. It fits each site's distribution to the plates, gives it a value
/// (drawn, or replayed from a guide's trace) and records both.
/// </summary>
public sealed class Run
{
    private readonly Dictionary<string, Plate> _platesByName = [];
    private readonly HashSet<string> _names = [];

    internal Run(RandomKey key, RunSettings settings)
    {
        (Key, Settings) = (settings.Draw is { } draw ? key.Fold(draw) : key, settings);
        Plates = new PlateStack(settings.Particles, settings.Layout.PlateDepth) { Enumerated = settings.Enumeration?.Sizes ?? default };
        (Reads, Problems) = (new(this), new(this));
    }

    internal Trace Trace { get; } = new();

    /// <summary>Where the run's draws come from.</summary>
    internal RandomKey Key { get; }

    internal RunSettings Settings { get; }

    internal PlateStack Plates { get; }

    /// <summary>What the site at hand was made from.</summary>
    internal SiteReads Reads { get; }

    /// <summary>What is wrong with the run so far.</summary>
    internal RunProblems Problems { get; }

    /// <summary>Whose handles the sites may be; null where any may.</summary>
    internal ModelIdentity? Owner { get; init; }

    /// <summary>What the model's handlers ask of this run.</summary>
    internal SiteRules Rules { get; init; } = SiteRules.None;

    /// <summary>The value of a latent variable that this run already has.</summary>
    /// <param name="site">Its handle.</param>
    /// <exception cref="ModelException">The run has not come to it yet.</exception>
    public Tensor this[Latent site] => Reads.Value(site);

    /// <summary>The value of a computed quantity that this run already has.</summary>
    /// <param name="site">Its handle.</param>
    /// <exception cref="ModelException">The run has not come to it yet.</exception>
    public Tensor this[Deterministic site] => Reads.Value(site);

    /// <summary>A parameter; where it was lifted, the value of the latent variable in its place.</summary>
    /// <param name="parameter">A parameter that the program reads through here, so that it can be lifted.</param>
    public Tensor this[Parameter parameter] => Reads.Value(parameter);

    /// <summary>Enters a plate; it is left when the result is disposed of.</summary>
    /// <param name="name">The plate's name.</param>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="batch">How many elements this run sees; all of them unless said.</param>
    /// <param name="axis">The batch axis, counted from the right; the first free one unless said.</param>
    /// <exception cref="ModelException">The sizes or the axis are impossible, or the plate was entered with others before.</exception>
    public IDisposable Plate(string name, long total, long? batch = null, int? axis = null) =>
        Enter(new Plate(name, total, batch ?? total, axis ?? Plates.NextAxis()));

    /// <summary>Enters a plate of which this run sees some rows; it is left when the result is disposed of.</summary>
    /// <param name="name">The plate's name.</param>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="rows">Which of them this run sees: one object for model and guide.</param>
    /// <param name="axis">The batch axis, counted from the right; the first free one unless said.</param>
    /// <exception cref="ModelException">The sizes or the axis are impossible, or the plate was entered with others before.</exception>
    public IDisposable Plate(string name, long total, Rows rows, int? axis = null) => rows is null ? throw new ArgumentNullException(nameof(rows))
        : Enter(new Plate(name, total, rows.Count, axis ?? Plates.NextAxis()) { Rows = rows });

    internal IDisposable Enter(Plate plate, string advice = RunProblems.SizesOfPrograms)
    {
        plate = Settings.Division?.Of(plate) ?? plate;
        Problems.ThrowIfImpossible(plate, _platesByName.GetValueOrDefault(plate.Name), advice);
        _platesByName[plate.Name] = plate;
        Plates.Enter(plate);
        return Settings.Particles is null || Plates.PlateShape.Rank <= Settings.Layout.PlateDepth
            ? new OpenPlate(Plates, plate)
            : throw new LayoutOutgrownException($"Plate '{plate.Name}'");
    }

    /// <summary>A latent variable: its value is drawn, or comes from the guide.</summary>
    /// <param name="site">Its handle.</param>
    /// <param name="distribution">The prior in a model, the approximate posterior in a guide.</param>
    /// <returns>The value, of shape (particles) + plates + event.</returns>
    /// <exception cref="ModelException">The shapes do not fit, an argument lies outside its range, or the handle is doubled or another model's.</exception>
    public Tensor Sample(Latent site, Distribution distribution)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(distribution);
        return Sample(site, new Source(() => distribution));
    }

    /// <summary>An observation: its value is data.</summary>
    /// <param name="site">Its handle.</param>
    /// <param name="distribution">The likelihood.</param>
    /// <param name="value">The data, of shape plates + event.</param>
    /// <exception cref="ModelException">The shapes do not fit, the value or an argument lies outside its range, or the handle is doubled or another model's.</exception>
    public void Observe(Observed site, Distribution distribution, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(distribution);
        Observe(site, new Source(() => distribution), value);
    }

    internal Tensor Sample(Latent site, Source source) => Rules.At(site) is { } rule ? rule(this, source) : Draw(site, source);

    private Tensor Draw(Latent site, Source source)
    {
        var replayed = Settings.Replay?.Find(site) as LatentSite;
        var (distribution, reads) = Resolve(site, source, replayed?.Distribution.EventShape.Rank ?? EventRank(site));
        var values = Settings.Enumeration?.Values(site, distribution, Plates, replayed is not null);
        if (replayed is null && values is null && Settings.Replay is not null)
        {
            Problems.AddMissingFromGuide(site, distribution);
        }

        var value = replayed is not null ? Replayed(replayed, distribution) : values ?? Drawn(site, distribution);
        return Record(new LatentSite(site, Settings.Enumeration is null ? distribution : Enumeration.Beside(value, distribution), value, Plates.Open, reads));
    }

    internal void Observe(SiteHandle site, Source source, Tensor value)
    {
        if (Settings.IsGuide)
        {
            throw Problems.Fail($"Site '{site}': a guide has no observations; it samples the model's latent variables.");
        }

        var valueShape = Shape.Of(Problems.Usable(site, value));
        if (!valueShape.StartsWith(Plates.PlateShape))
        {
            throw Problems.Fail($"Site '{site}': the observed value has shape {valueShape}, which must begin with the axes {Plates.PlateShape} of its plates {string.Join(", ", Plates.Open)}.");
        }

        var (distribution, reads) = Resolve(site, source, valueShape.Rank - Plates.PlateShape.Rank);
        if (distribution.EventShape != valueShape[Plates.PlateShape.Rank..])
        {
            throw Problems.Fail($"Site '{site}': the observed value has shape {valueShape} and the distribution {distribution.Family} batch {distribution.BatchShape} and event {distribution.EventShape}; after the plates' axes {Plates.PlateShape} the two must agree axis by axis.");
        }

        if (Settings.Validate && distribution.OutsideSupport(value) is { } outside)
        {
            throw Problems.Fail($"Site '{site}': {outside}");
        }

        Record(new ObservedSite(site, distribution, value, Plates.Open, reads));
    }

    internal Tensor Record(Site site)
    {
        var weight = Rules.Weight(site.Key) * (Settings.Division?.PartOf(site) ?? 1);
        Trace.Add(weight == 1 ? site : site with { Weight = weight });
        return site.Value;
    }

    /// <summary>Where a site's draw comes from.</summary>
    internal RandomKey KeyOf(SiteHandle site, Distribution distribution) => Key.Fold(site.Name) with { Rows = Division.RowsOf(distribution, Plates.Open) };

    internal Tensor Drawn(SiteHandle site, Distribution distribution)
    {
        var drawn = TorchRefusal.AtSite(site.Name, (distribution, Key: KeyOf(site, distribution)), static draw => draw.distribution.SampleUnchecked(draw.Key));
        return Settings.Detached?.Invoke(site) == true ? drawn.detach() : Settings.Leaf?.Invoke(site, drawn) ?? drawn;
    }

    /// <summary>A latent variable's event is what its own distribution and earlier runs say; null where none has told.</summary>
    internal int? EventRank(Latent site) => Settings.Layout.EventRank(site)
        ?? (Settings.Particles is null ? null : throw new LayoutOutgrownException($"Site '{site}'"));

    /// <summary>The site's distribution as it fits the plates, and the latent variables that it was made from; null where that is not known.</summary>
    internal (Distribution Distribution, IReadOnlyList<Latent>? Reads) Resolve(SiteHandle site, Source written, int? eventRank)
    {
        if (site.Owner is { } owner && Owner is not null && owner != Owner)
        {
            throw Problems.Fail($"Site '{site}' belongs to the model '{owner.Name}' and was used in '{Owner.Name}'.");
        }

        if (!_names.Add(site.Name))
        {
            throw Problems.Fail($"Site '{site}' occurs twice in one run; each site needs its own name (in a loop, z[t]).");
        }

        var source = Rules.Swap(this, site, written);
        Reads.Begin();
        var made = Problems.Made(site, source);
        var constant = source.Constant && Reads.None;
        var distribution = Plates.Fit(made, eventRank, constant, source.DeclaresReads ? Reads.FirstWithParticles : null, out var problem);
        if (problem is not null)
        {
            throw Problems.Fail($"Site '{site}': {problem}{Problems.ParticleAdvice(site)}");
        }

        if (Settings.Validate && distribution.ArgumentProblems() is { Count: > 0 } outside)
        {
            throw Problems.Outside(site, distribution, outside);
        }

        return (Rules.Masked(this, site, distribution), source.DeclaresReads ? Reads.Latents() : null);
    }

    private Tensor Replayed(LatentSite guided, Distribution prior)
    {
        var (from, to) = (guided.Distribution, prior);
        if (from.EventShape != to.EventShape || !(Settings.Enumeration is null ? from.BatchShape == to.BatchShape : Enumeration.HaveOneBatch(from, to, Plates)))
        {
            throw Problems.Fail($"Site '{guided.Name}': the guide gives {from.Family} batch {from.BatchShape} event {from.EventShape}, the model {to.Family} batch {to.BatchShape} event {to.EventShape}; model and guide must agree axis by axis.");
        }

        return guided.Plates.SequenceEqual(Plates.Open) ? guided.Value
            : throw Problems.Fail(Problems.OtherPlates($"Site '{guided.Name}'", guided.Plates, "in the guide"));
    }

    private sealed class OpenPlate(PlateStack plates, Plate plate) : IDisposable
    {
        public void Dispose() => plates.Leave(plate);
    }
}
