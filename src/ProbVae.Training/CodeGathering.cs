using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>Gathers the codes of latent variables, batch by batch, from one run of guide and model a batch.</summary>
internal sealed class CodeGathering<TData>(Model<TData> model, Guide<TData> guide, IReadOnlyList<Latent>? chosen, int momentDraws) : IDisposable
{
    private readonly List<IReadOnlyList<EncodedRows>> _batches = [];
    private IReadOnlyList<Latent>? _sites = chosen;

    /// <summary>How many rows have been encoded.</summary>
    public int Rows { get; private set; }

    /// <summary>The variables' names: those that were chosen, else all continuous ones that stand in one plate.</summary>
    public IEnumerable<string> Sites => _batches.Count == 0 ? [] : _batches[0].Select(codes => codes.Site);

    /// <summary>Encodes a batch; the codes outlive every scope.</summary>
    /// <param name="batch">The next rows.</param>
    /// <param name="key">The batch's own.</param>
    /// <exception cref="ModelException">A variable is missing, or does not stand in one plate.</exception>
    public IReadOnlyList<EncodedRows> Encode(TData batch, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var posterior = guide.Trace(batch, key);
        var joint = model.Trace(batch, key, posterior);
        _sites ??= [.. posterior.Latents.Where(site => site.Plates.Count == 1 && !site.Distribution.Support.IsDiscrete).Select(site => site.Handle)];
        return [.. _sites.Select(handle => posterior[handle]).Select(site => site.Plates.Count == 1 ? Encode(batch, site, posterior, joint, key) : throw new ModelException(
            $"Site '{site.Name}' stands in {(site.Plates.Count == 0 ? "no plate" : string.Join(", ", site.Plates.Select(plate => $"plate '{plate.Name}'")))}, so its rows have no codes of their own; exactly one plate is needed, that of the rows."))];
    }

    /// <summary>Takes the codes of the next batch.</summary>
    /// <exception cref="ModelException">They are of other variables than those of the batch before.</exception>
    public void Add(IReadOnlyList<EncodedRows> codes)
    {
        _batches.Add(codes);
        Rows += codes.Count == 0 ? 0 : (int)codes[0].Mean.shape[0];
        if (!codes.Select(one => one.Site).SequenceEqual(Sites))
        {
            throw new ModelException($"Codes: a batch has the latent variables {string.Join(", ", codes.Select(one => one.Site))}, and the first has {string.Join(", ", Sites)}; every batch must have the same.");
        }
    }

    /// <summary>The codes of one variable; the caller disposes of them.</summary>
    public LatentCodes Codes(string site) => EncodedRows.Join([.. _batches.Select(batch => batch.First(codes => codes.Site == site))]);

    public void Dispose()
    {
        foreach (var codes in _batches.SelectMany(batch => batch))
        {
            codes.Dispose();
        }
    }

    private EncodedRows Encode(TData batch, LatentSite site, Trace posterior, Trace joint, RandomKey key)
    {
        var rows = site.Plates[0].Size;
        var prior = joint[site.Handle];
        var logPrior = DependsOnOthers(prior, joint) ? null : prior.LogProb();
        var kl = site.Distribution is Normal q && prior.Distribution is Normal p ? Kl(q, p).expand(site.Value.shape) : null;
        var dependent = DependsOnOthers(site, posterior);
        if (!dependent && ExactMoments(site.Distribution) is { } exact)
        {
            return EncodedRows.Of(site.Name, rows, exact.Mean, exact.Variance.sqrt(), site.Value, logPrior, kl, 0, site.Distribution is Normal);
        }

        // Given other draws, the moments of q(z | x) are those of whole runs of the guide.
        var moments = key.Fold("moments");
        var draws = dependent
            ? stack([.. Enumerable.Range(0, momentDraws).Select(draw => guide.Trace(batch, moments.Fold(draw))[site.Handle].Value)])
            : site.Distribution.Sample(moments, momentDraws);
        draws = draws.to(ScalarType.Float64);
        var mean = draws.mean([0]);
        return EncodedRows.Of(site.Name, rows, mean, (draws - mean).square().sum(dim: 0).div(momentDraws - 1).sqrt(), site.Value, logPrior, kl, momentDraws, false);
    }

    // log(σ_p / σ_q) + (σ_q² + (μ_q − μ_p)²) / 2 σ_p² − 1/2.
    private static Tensor Kl(Normal q, Normal p) =>
        p.Scale.log() - q.Scale.log() + (q.Scale.square() + (q.Loc - p.Loc).square()).div(p.Scale.square().mul(2)) - 0.5;

    // A program that does not say what it reads may have read any variable before; so may what stands beside a guide's own or a blocked one.
    private static bool DependsOnOthers(Site site, Trace trace) => site.Reads is { } reads && !trace.Sites.Any(other => other is AuxiliarySite or BlockedSite)
        ? reads.Count > 0
        : trace.Sites.TakeWhile(other => other != site).Any(other => other is not ObservedSite);

    private static (Tensor Mean, Tensor Variance)? ExactMoments(Distribution distribution)
    {
        try
        {
            return (distribution.Mean, distribution.Variance);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }
}
