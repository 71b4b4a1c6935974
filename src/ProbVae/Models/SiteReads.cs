using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ProbVae;

/// <summary>
/// What the lambda of the site at hand has read. What counts are latent variables: those behind a computed quantity stand in its place,
/// and what was observed or set does not count.
/// </summary>
/// <param name="run">The run that has the values.</param>
internal sealed class SiteReads(Run run)
{
    private readonly HashSet<Latent> _lifted = [];
    private List<Latent> _latents = [];
    private bool _data;

    /// <summary>Whether the lambda has read neither a latent variable nor the data.</summary>
    public bool None => _latents.Count == 0 && !_data;

    /// <summary>The first latent variable read that has particles; null for none.</summary>
    public Latent? FirstWithParticles => _latents.Find(read => run.Settings.Enumeration?.Find(read) is null);

    /// <summary>Another site's lambda is next.</summary>
    public void Begin() => (_latents, _data) = ([], false);

    /// <summary>The lambda got at the data, so what it makes is not the same for all data.</summary>
    public void NoteData() => _data = true;

    /// <summary>The lambda used what these latent variables gave.</summary>
    public void Note(IEnumerable<Latent> latents) => _latents.AddRange(latents);

    /// <summary>The latent variables read. A blocked one has particles, which must not be lost, and is none that a guide has.</summary>
    public List<Latent> Latents() => _latents.FindAll(read => run.Trace.Find(read) is LatentSite);

    /// <summary>The sites of the latent variables read.</summary>
    public IEnumerable<LatentSite> Sites() => run.Trace.Latents.Where(latent => _latents.Contains(latent.Handle));

    /// <summary>Whether a lifted parameter's value was ever read in this run.</summary>
    public bool HaveLifted(Latent site) => _lifted.Contains(site);

    /// <summary>A parameter; where it was lifted, the value of the latent variable in its place.</summary>
    public Tensor Value(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (run.Rules.Lifted(parameter) is not { } lifted)
        {
            return parameter;
        }

        _lifted.Add(lifted);
        return Value(lifted);
    }

    /// <summary>The value of a site before.</summary>
    /// <exception cref="ModelException">The run has not come to it, or its axis of values has been given up.</exception>
    public Tensor Value(SiteHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        var site = run.Trace.Find(handle) ?? throw run.Problems.Fail($"Site '{handle}' was read before it was sampled.");

        // The value of another site may be the data's.
        _data |= site is not LatentSite;
        if (site is UnscoredSite)
        {
            _latents.AddRange(site.Reads ?? run.Trace.Latents.Select(latent => latent.Handle));
        }

        if (handle is Latent latent && site is LatentSite or BlockedSite)
        {
            _latents.Add(latent);
            if (run.Settings.Enumeration?.HasLeft(latent) == true)
            {
                throw run.Problems.Fail($"Site '{latent}' was read too late: it lies further back than this Markov loop's history, and its axis has been given up. Say run.Markov(steps, history: 2) where a step reads two steps back.");
            }
        }

        return site.Value;
    }
}
