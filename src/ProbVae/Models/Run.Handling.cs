using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <content>What handlers, automatic guides and computed quantities ask of a run, beside sampling and observing.</content>
public sealed partial class Run
{
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
            return Rules.Lifted(parameter) is { } lifted ? this[lifted] : parameter;
        }
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

    private Tensor Deterministic(Deterministic site, Source source) =>
        Assign(site, source, (distribution, reads) => new DeterministicSite(site, distribution, distribution.Mean, _plates.Open, reads));

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
        var value = _settings.Replay?.Find(site)?.Value ?? fitted.SampleUnchecked(KeyOf(site));
        return Record(new AuxiliarySite(site, fitted, value, _plates.Open, reads));
    }

    // What a site reads are latent variables: those behind a computed quantity count in its place, and what was observed or set does not.
    private Tensor Read(SiteHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        var site = Trace.Find(handle) ?? throw Fail($"Site '{handle}' was read before it was sampled.");
        if (site is UnscoredSite)
        {
            _reads.AddRange(site.Reads ?? Trace.Latents.Select(latent => latent.Handle));
        }
        else if (handle is Latent latent && site is LatentSite)
        {
            _reads.Add(latent);
        }

        return site.Value;
    }

    private bool HasParticles(Latent read) => _settings.Enumeration?.Has(read) != true;
}
