using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// One run of a program: what a model or a guide talks to. It fits each site's distribution to the plates, gives it a value
/// (drawn, or replayed from a guide's trace) and records both.
/// </summary>
public sealed partial class Run
{
    private readonly RandomKey _key;
    private readonly RunSettings _settings;
    private readonly PlateStack _plates;
    private readonly Dictionary<string, Plate> _platesByName = [];
    private readonly HashSet<string> _names = [];
    private readonly List<string> _problems = [];
    private List<Latent> _reads = [];
    private bool _readsData;

    internal Run(RandomKey key, RunSettings settings)
    {
        (_key, _settings) = (settings.Draw is { } draw ? key.Fold(draw) : key, settings);
        _plates = new PlateStack(settings.Particles, settings.Layout.PlateDepth) { Enumerated = settings.Enumeration?.Sizes ?? default };
    }

    internal Trace Trace { get; } = new();

    /// <summary>Whose handles the sites may be; null where any may.</summary>
    internal ModelIdentity? Owner { get; init; }

    /// <summary>What the model's handlers ask of this run.</summary>
    internal SiteRules Rules { get; init; } = SiteRules.None;

    /// <summary>The value of a latent variable that this run already has.</summary>
    /// <param name="site">Its handle.</param>
    /// <exception cref="ModelException">The run has not come to it yet.</exception>
    public Tensor this[Latent site] => Read(site);

    /// <summary>Enters a plate; it is left when the result is disposed of.</summary>
    /// <param name="name">The plate's name.</param>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="batch">How many elements this run sees; all of them unless said.</param>
    /// <param name="axis">The batch axis, counted from the right; the first free one unless said.</param>
    /// <exception cref="ModelException">The sizes or the axis are impossible, or the plate was entered with others before.</exception>
    public IDisposable Plate(string name, long total, long? batch = null, int? axis = null) =>
        Enter(new Plate(name, total, batch ?? total, axis ?? _plates.NextAxis()));

    internal IDisposable Enter(Plate plate, string sizes)
    {
        var (name, total) = (plate.Name, plate.Total);
        if (plate.Size < 1 || plate.Size > total || plate.Axis >= 0)
        {
            throw Fail($"Plate '{name}': a batch of {plate.Size} out of a total of {total} along axis {plate.Axis} is impossible; the batch must be from 1 to the total, the axis negative.{(plate.Size > total ? sizes : "")}");
        }

        if (_plates.Open.FirstOrDefault(open => open.Name == name || open.Axis == plate.Axis) is { } taken)
        {
            throw Fail($"Plate '{name}' along axis {plate.Axis} cannot be entered inside plate '{taken.Name}' along axis {taken.Axis}: each open plate has its own name and axis.");
        }

        if (_platesByName.TryGetValue(name, out var before) && before != plate)
        {
            throw Fail($"Plate '{name}' was entered as {before} along axis {before.Axis} and now as {plate} along axis {plate.Axis}; a plate keeps its size and axis through a run.");
        }

        _platesByName[name] = plate;
        _plates.Enter(plate);
        return _settings.Particles is null || _plates.PlateShape.Rank <= _settings.Layout.PlateDepth
            ? new OpenPlate(_plates, plate)
            : throw new LayoutOutgrownException($"Plate '{name}'");
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

    /// <summary>A lambda got at the data, so what it makes is not the same for all data.</summary>
    internal void NoteDataRead() => _readsData = true;

    internal Tensor Sample(Latent site, Source source) => Rules.At(site) is { } rule ? rule(this, source) : Draw(site, source);

    internal Tensor Draw(Latent site, Source source)
    {
        var replayed = _settings.Replay?.Find(site) as LatentSite;
        var eventRank = replayed?.Distribution.EventShape.Rank ?? _settings.Layout.EventRank(site);
        if (eventRank is null && _settings.Particles is not null)
        {
            throw new LayoutOutgrownException($"Site '{site}'");
        }

        var (distribution, reads) = Resolve(site, source, eventRank);
        var values = _settings.Enumeration?.Values(site, distribution, _plates, replayed is not null);
        if (replayed is null && values is null && _settings.Replay is not null && _settings.Enumeration?.SumsOut(site, distribution) != true)
        {
            _problems.Add(MissingFromGuide(site, distribution));
        }

        var value = replayed is not null ? Replayed(replayed, distribution) : values ?? Drawn(site, distribution);
        return Record(new LatentSite(site, Beside(value, distribution), value, _plates.Open, reads));
    }

    internal void Observe(SiteHandle site, Source source, Tensor value)
    {
        if (_settings.IsGuide)
        {
            throw Fail($"Site '{site}': a guide has no observations; it samples the model's latent variables.");
        }

        var valueShape = new Shape(Usable(site, value).shape);
        if (!valueShape.StartsWith(_plates.PlateShape))
        {
            throw Fail($"Site '{site}': the observed value has shape {valueShape}, which must begin with the axes {_plates.PlateShape} of its plates {string.Join(", ", _plates.Open)}.");
        }

        var (distribution, reads) = Resolve(site, source, valueShape.Rank - _plates.PlateShape.Rank);
        if (distribution.EventShape != valueShape[_plates.PlateShape.Rank..])
        {
            throw Fail($"Site '{site}': the observed value has shape {valueShape} and the distribution {distribution.Family} batch {distribution.BatchShape} and event {distribution.EventShape}; after the plates' axes {_plates.PlateShape} the two must agree axis by axis.");
        }

        if (_settings.Validate && distribution.OutsideSupport(value) is { } outside)
        {
            throw Fail($"Site '{site}': {outside}");
        }

        Record(new ObservedSite(site, distribution, value, _plates.Open, reads));
    }

    internal Tensor Record(Site site)
    {
        Trace.Add(Rules.Weight(site.Key) is not 1 and var weight ? site with { Weight = weight } : site);
        return site.Value;
    }

    private Tensor Drawn(SiteHandle site, Distribution distribution)
    {
        var drawn = TorchRefusal.AtSite(site.Name, (distribution, Key: KeyOf(site)), static draw => draw.distribution.SampleUnchecked(draw.Key));
        return _settings.Detached?.Invoke(site) == true ? drawn.detach() : _settings.Leaf?.Invoke(site, drawn) ?? drawn;
    }

    /// <summary>Ends the run: what a guide sampled and the model never came to is a problem too.</summary>
    internal Trace Finish(IEnumerable<(string Word, SiteHandle Site)> handled)
    {
        _problems.AddRange(OnlyInGuide());
        _problems.AddRange(handled.Where(rule => Trace.Find(rule.Site) is null)
            .Select(rule => $"{rule.Word}('{rule.Site}'): the model does not come to that site."));
        _problems.AddRange(Rules.Problems(this));
        return _problems.Count == 0 ? Trace : throw new ModelException(_problems, Table);
    }

    internal (Distribution Distribution, IReadOnlyList<Latent>? Reads) Resolve(SiteHandle site, Source written, int? eventRank)
    {
        if (site.Owner is { } owner && Owner is not null && owner != Owner)
        {
            throw Fail($"Site '{site}' belongs to the model '{owner.Name}' and was used in '{Owner.Name}'.");
        }

        if (!_names.Add(site.Name))
        {
            throw Fail($"Site '{site}' occurs twice in one run; each site needs its own name (in a loop, z[t]).");
        }

        var source = Rules.Swap(this, site, written);
        (_reads, _readsData) = ([], false);
        var made = Made(site, source);
        var constant = source.Constant && _reads.Count == 0 && !_readsData;
        var distribution = _plates.Fit(made, eventRank, constant, source.DeclaresReads ? _reads.FirstOrDefault(HasParticles) : null, out var problem);
        if (problem is not null)
        {
            throw Fail($"Site '{site}': {problem}{ParticleAdvice(site)}");
        }

        if (_settings.Validate && distribution.ArgumentProblems() is { Count: > 0 } outside)
        {
            throw NonFiniteException.Behind(outside, site, distribution, _settings.Replay, Trace, _settings.IsGuide)
                ?? new ModelException([.. outside.Select(sentence => $"Site '{site}': {sentence}")], Table);
        }

        return (Masked(site, distribution), source.DeclaresReads ? LatentReads() : null);
    }

    private Tensor Replayed(LatentSite guided, Distribution prior)
    {
        var (from, to) = (guided.Distribution, prior);
        if (from.EventShape != to.EventShape || !HaveOneBatch(from, to))
        {
            throw Fail($"Site '{guided.Name}': the guide gives {from.Family} batch {from.BatchShape} event {from.EventShape}, the model {to.Family} batch {to.BatchShape} event {to.EventShape}; model and guide must agree axis by axis.");
        }

        if (!guided.Plates.SequenceEqual(_plates.Open))
        {
            throw Fail(OtherPlates($"Site '{guided.Name}'", guided.Plates, "in the guide"));
        }

        return guided.Value;
    }

    private ModelException Fail(string problem) => new([.. _problems, problem], Table);

    private string? Table => Trace.Sites.Count == 0 ? null : Trace.ToString();

    private sealed class OpenPlate(PlateStack plates, Plate plate) : IDisposable
    {
        public void Dispose() => plates.Leave(plate);
    }
}
