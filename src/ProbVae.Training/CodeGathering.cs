using static TorchSharp.torch;

namespace ProbVae.Training;

/// <summary>Gathers the codes of latent variables, batch by batch, from one run of guide and model a batch.</summary>
internal sealed class CodeGathering<TData>(Model<TData> model, Guide<TData> guide, IReadOnlyList<Latent>? chosen, int momentDraws) : IDisposable
{
    private readonly Dictionary<Latent, Parts> _parts = [];

    /// <summary>How many rows have been encoded.</summary>
    public int Rows { get; private set; }

    /// <summary>The variables: those that were chosen, else all continuous ones that stand in one plate.</summary>
    public IReadOnlyList<Latent> Sites { get; private set; } = chosen ?? [];

    /// <summary>Encodes a batch.</summary>
    /// <param name="batch">The next rows.</param>
    /// <param name="key">The same for all batches.</param>
    /// <exception cref="ModelException">A variable is missing, or does not stand in one plate.</exception>
    public void Add(TData batch, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        key = key.Fold(Rows);
        var posterior = guide.Trace(batch, key);
        var joint = model.Trace(batch, key, posterior);
        Sites = chosen ?? (Rows > 0 ? Sites : [.. posterior.Latents.Where(site => site.Plates.Count == 1 && !site.Distribution.Support.IsDiscrete).Select(site => site.Handle)]);
        long rows = 0;
        foreach (var handle in Sites)
        {
            var site = posterior[handle];
            rows = site.Plates.Count == 1 ? site.Plates[0].Size : throw new ModelException(
                $"Site '{site.Name}' stands in {(site.Plates.Count == 0 ? "no plate" : string.Join(", ", site.Plates.Select(plate => $"plate '{plate.Name}'")))}, so its rows have no codes of their own; exactly one plate is needed, that of the rows.");
            if (!_parts.TryGetValue(handle, out var parts))
            {
                _parts[handle] = parts = new Parts();
            }

            parts.Add(Encode(batch, site, posterior, joint, key), rows);
        }

        Rows += (int)rows;
    }

    /// <summary>The codes of one variable; the caller disposes of them.</summary>
    public LatentCodes Codes(Latent site) => _parts[site].Join();

    public void Dispose()
    {
        foreach (var parts in _parts.Values)
        {
            parts.Dispose();
        }
    }

    private Encoded Encode(TData batch, LatentSite site, Trace posterior, Trace joint, RandomKey key)
    {
        var prior = joint[site.Handle];
        var logPrior = DependsOnOthers(prior, joint) ? null : prior.LogProb();
        var kl = site.Distribution is Normal q && prior.Distribution is Normal p ? Kl(q, p).expand(site.Value.shape) : null;
        var dependent = DependsOnOthers(site, posterior);
        if (!dependent && ExactMoments(site.Distribution) is { } exact)
        {
            return new(exact.Mean, exact.Variance.sqrt(), site.Value, logPrior, kl, 0, site.Distribution is Normal);
        }

        // Given other draws, the moments of q(z | x) are those of whole runs of the guide.
        var moments = key.Fold("moments");
        var draws = dependent
            ? stack([.. Enumerable.Range(0, momentDraws).Select(draw => guide.Trace(batch, moments.Fold(draw))[site.Handle].Value)])
            : site.Distribution.Sample(moments, momentDraws);
        draws = draws.to(ScalarType.Float64);
        var mean = draws.mean([0]);
        return new(mean, (draws - mean).square().sum(dim: 0).div(momentDraws - 1).sqrt(), site.Value, logPrior, kl, momentDraws, false);
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

    private sealed record Encoded(Tensor Mean, Tensor Deviation, Tensor Drawn, Tensor? LogPrior, Tensor? Kl, int Draws, bool IsNormal);

    /// <summary>One variable's codes so far.</summary>
    private sealed class Parts : IDisposable
    {
        private readonly List<Tensor> _means = [];
        private readonly List<Tensor> _deviations = [];
        private readonly List<Tensor> _drawn = [];
        private readonly List<Tensor> _priors = [];
        private readonly List<Tensor> _divergences = [];
        private int _draws;
        private bool _normal = true;

        public void Add(Encoded codes, long rows)
        {
            _means.Add(Kept(codes.Mean, rows, -1));
            _deviations.Add(Kept(codes.Deviation, rows, -1));
            _drawn.Add(Kept(codes.Drawn, rows, -1));
            if (codes.LogPrior is not null)
            {
                _priors.Add(Kept(codes.LogPrior, rows));
            }

            if (codes.Kl is not null)
            {
                _divergences.Add(Kept(codes.Kl, rows, -1));
            }

            (_draws, _normal) = (Math.Max(_draws, codes.Draws), _normal && codes.IsNormal);
        }

        public LatentCodes Join()
        {
            using var noGrad = no_grad();
            return new(Joined(_means), Joined(_deviations), Joined(_drawn), _draws, _normal, Whole(_priors), Whole(_divergences));
        }

        public void Dispose()
        {
            foreach (var tensor in _means.Concat(_deviations).Concat(_drawn).Concat(_priors).Concat(_divergences))
            {
                tensor.Dispose();
            }
        }

        // What one batch lacks, all lack.
        private Tensor? Whole(List<Tensor> parts) => parts.Count == _means.Count ? Joined(parts) : null;

        private static Tensor Joined(List<Tensor> parts) => cat(parts).DetachFromDisposeScope();

        // A copy of its own: a distribution's value may be a view of a parameter, or spread over the rows.
        private static Tensor Kept(Tensor values, params long[] shape) => values.to(ScalarType.Float64).cpu().reshape(shape).clone().DetachFromDisposeScope();
    }
}
