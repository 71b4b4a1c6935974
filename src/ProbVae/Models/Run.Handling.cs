using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <content>What handlers, automatic guides and computed quantities ask of a run, beside sampling and observing.</content>
public sealed partial class Run
{
    private readonly HashSet<Latent> _readLifted = [];

    /// <summary>The value of a computed quantity that this run already has.</summary>
    /// <param name="site">Its handle.</param>
    /// <exception cref="ModelException">The run has not come to it yet.</exception>
    public Tensor this[Deterministic site] => Read(site);

    /// <summary>A parameter; where it was lifted, the value of the latent variable in its place.</summary>
    /// <param name="parameter">A parameter that the program reads through here, so that it can be lifted.</param>
    public Tensor this[Parameter parameter]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(parameter);
            if (Rules.Lifted(parameter) is not { } lifted)
            {
                return parameter;
            }

            _readLifted.Add(lifted);
            return this[lifted];
        }
    }

    /// <summary>Runs a network; where parameters of it were lifted, with the values of the latent variables in their place.</summary>
    /// <param name="network">The network. With lifted parameters it is made of Sequential, Linear, Conv2d and modules without lifted ones.</param>
    /// <param name="input">Of shape (particles) + plates + features.</param>
    /// <returns>Of shape (particles) + plates + features; with particles where its input has them or a parameter was lifted.</returns>
    /// <exception cref="ModelException">A lifted parameter belongs to a module of another type, or the input has other axes.</exception>
    public Tensor Call(Module<Tensor, Tensor> network, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        return new FunctionalCall(this, _plates.PlateShape.Rank, _settings.Layout.PlateDepth, _settings.Particles).Apply(network, input);
    }

    /// <summary>Enters a plate of which this run sees some rows; it is left when the result is disposed of.</summary>
    /// <param name="name">The plate's name.</param>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="rows">Which of them this run sees: one object for model and guide.</param>
    /// <param name="axis">The batch axis, counted from the right; the first free one unless said.</param>
    /// <exception cref="ModelException">The sizes or the axis are impossible, or the plate was entered with others before.</exception>
    public IDisposable Plate(string name, long total, Rows rows, int? axis = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Indices.Max() < total
            ? Enter(new Plate(name, total, rows.Count, axis ?? _plates.NextAxis()) { Rows = rows })
            : throw Fail($"Plate '{name}': row {rows.Indices.Max()} was asked for, and the plate has a total of {total}; rows are counted from 0.");
    }

    /// <summary>Keeps a quantity computed from latent variables under a name, to be read and summarized like one.</summary>
    /// <param name="site">Its handle.</param>
    /// <param name="value">Of shape (particles) + plates + event.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ModelException">The value does not have the plates' axes, or the handle is doubled.</exception>
    public Tensor Deterministic(Deterministic site, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(value);
        return Deterministic(site, new Source(() => new Delta(value)));
    }

    internal Tensor Deterministic(Deterministic site, Func<Tensor> value) => Deterministic(site, new Source(() => new Delta(value()), DeclaresReads: true));

    private Tensor Deterministic(Deterministic site, Source source) => Assign(
        site,
        source with { Make = () => source.Make() is var made && BeginsWithPlates(made.BatchShape) ? made : throw NotInPlates(site, made.BatchShape) },
        (distribution, reads) => new DeterministicSite(site, distribution, distribution.Mean, _plates.Open, reads));

    // Only without particles, where the first axes are the plates': a later run has the same ones.
    private bool BeginsWithPlates(Shape value) => _settings.Particles is not null || value.Rank == 0
        || Enumerable.Range(0, _plates.PlateShape.Rank + 1).Any(inner => _plates.PlateShape[inner..] is var plates && (plates.Rank > 0 || _plates.PlateShape.Rank == 0)
            && value.Rank >= plates.Rank && value[..plates.Rank].BroadcastWith(plates) == plates);

    private ModelException NotInPlates(Deterministic site, Shape value) => Fail(
        $"Site '{site}': the computed value has shape {value} and stands in plate {string.Join(", ", _plates.Open)}; it must begin with the axes {_plates.PlateShape} of the plates, and its event comes after them.");

    /// <summary>The plates that are open here, the outermost first.</summary>
    internal IReadOnlyList<Plate> OpenPlates => _plates.Open;

    /// <summary>How the run goes.</summary>
    internal RunSettings Settings => _settings;

    /// <summary>Where a site's draw comes from.</summary>
    internal RandomKey KeyOf(SiteHandle site) => _key.Fold(site.Name);

    /// <summary>Records a site that is neither drawn nor observed, from its distribution as it fits the plates.</summary>
    internal Tensor Assign(SiteHandle site, Source source, Func<Distribution, IReadOnlyList<Latent>?, Site> make)
    {
        var (distribution, reads) = Resolve(site, source, _settings.Layout.EventRank(site));
        return Record(make(distribution, reads));
    }

    /// <summary>A variable of a guide's own, from which it computes its latent variables.</summary>
    internal Tensor SampleAuxiliary(Latent site, Distribution distribution)
    {
        var (fitted, reads) = Resolve(site, new Source(() => distribution, DeclaresReads: true), distribution.EventShape.Rank);
        var value = _settings.Replay?.Find(site)?.Value ?? Drawn(site, fitted);
        return Record(new AuxiliarySite(site, fitted, value, _plates.Open, reads));
    }

    /// <summary>Whether a parameter has a latent variable in its place.</summary>
    internal bool IsLifted(Parameter parameter) => Rules.Lifted(parameter) is not null;

    /// <summary>Whether the run has read a lifted parameter's value.</summary>
    internal bool HasReadLifted(Latent site) => _readLifted.Contains(site);

    // What a site reads are latent variables: those behind a computed quantity count in its place, and what was observed or set does not.
    private Tensor Read(SiteHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        var site = Trace.Find(handle) ?? throw Fail($"Site '{handle}' was read before it was sampled.");
        if (site is not LatentSite)
        {
            // Its value may be the data's, so what is made from it is not the same for all data.
            _readsData = true;
        }

        if (site is UnscoredSite)
        {
            _reads.AddRange(site.Reads ?? Trace.Latents.Select(latent => latent.Handle));
        }

        if (handle is Latent latent && site is LatentSite or BlockedSite)
        {
            _reads.Add(latent);
            if (_settings.Enumeration?.HasLeft(latent) == true)
            {
                throw Fail($"Site '{latent}' was read too late: it lies further back than this Markov loop's history, and its axis has been given up. Say run.Markov(steps, history: 2) where a step reads two steps back.");
            }
        }

        return site.Value;
    }

    // A blocked variable has particles, which must not be lost, and is none that a guide has.
    private List<Latent> LatentReads() => _reads.FindAll(read => Trace.Find(read) is LatentSite);

    // What a guide sampled and the model does not take from it.
    private IEnumerable<string> OnlyInGuide()
    {
        foreach (var site in (_settings.Replay?.Latents ?? []).Where(site => Trace.Find(site.Handle) is not LatentSite))
        {
            yield return Trace.Find(site.Handle) is { } other
                ? $"Site '{site.Name}' is in the guide and {other.Role} in the model, by a handler; leave it out of the guide: write the guide for the handled model."
                : $"Site '{site.Name}' is in the guide and is no latent variable of the model; drop it, or use the handle that the model samples.";
        }
    }

    private string OtherPlates(string site, IReadOnlyList<Plate> theirs, string where) =>
        theirs.Count == _plates.Open.Count && theirs.Zip(_plates.Open).FirstOrDefault(pair => pair.First != pair.Second && pair.First with { Rows = null } == pair.Second with { Rows = null }) is { First: { } one, Second: { } other }
            ? $"{site} stands in plate {one} at {one.Rows?.ToString() ?? "rows that are not named"} {where} and at {other.Rows?.ToString() ?? "rows that are not named"} in the model; two minibatches are out of step: give both the rows of the same data."
            : $"{site} stands in plates [{string.Join(", ", theirs)}] {where} and [{string.Join(", ", _plates.Open)}] in the model; enter the same plates in both.";

    private bool HasParticles(Latent read) => _settings.Enumeration?.Find(read) is null;
}
