using static TorchSharp.torch;

namespace ProbVae;

/// <content>Draws of the posterior itself, as far as a guide reaches.</content>
public sealed partial class Posterior
{
    /// <summary>
    /// What the weights of the draws said of themselves, where they are reweighted (<see cref="ByImportance"/>); null for a guide's own draws.
    /// </summary>
    public EvidenceEstimate? Weights { get; }

    /// <summary>
    /// Importance resampling (Rubin 1988, Using the SIR Algorithm): of many draws from the guide some are kept, with probabilities in proportion to
    /// p(x, z) / q(z). Where the guide is not the posterior but reaches all of it, these are nearly draws of the posterior; <see cref="Weights"/>
    /// tells how nearly. Where every site stands in one plate, each of its elements is resampled by itself.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">A guide that was fitted to it.</param>
    /// <param name="data">All of the data; or some of its rows, where each has weights of its own.</param>
    /// <param name="draws">How many draws to keep; the same one may be kept several times. Range: at least 2.</param>
    /// <param name="proposals">How many draws of the guide they are chosen from; ten times as many unless given. Range: at least 2.</param>
    /// <param name="key">Where the draws come from; the same key gives the same draws.</param>
    /// <param name="memory">How many bytes the runs of one batch of draws may take, estimated from a trial of two; the draws come on top.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the programs take one; otherwise they run one after another.</param>
    /// <exception cref="ModelException">The weights would be wrong, or all are 0; the message says why.</exception>
    public static Posterior ByImportance<TData>(
        Model<TData> model, Guide<TData> guide, TData data, int draws = 1000, int? proposals = null, RandomKey key = default, long memory = Evidence.DefaultMemory, bool vectorized = true)
    {
        ArgumentNullException.ThrowIfNull(guide);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 2);
        var many = proposals ?? (10 * draws);
        ArgumentOutOfRangeException.ThrowIfLessThan(many, 2, nameof(proposals));
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var runs = new ParticleRuns<TData>(model, guide, data, key, memory, vectorized);
        var density = JointDensity.Of(runs.Measured, runs.Remeasured);
        Site[] sites = [.. runs.Measured.Model.Sites.Where(site => site is DeterministicSite ? density.Plates.All(site.Plates.Contains) : runs.Measured.Guide!.Find(site.Key) is LatentSite)];
        var computes = sites.Any(site => site is DeterministicSite);
        IReadOnlyList<Tensor> Make(ParticleRun run)
        {
            var drawn = run.Sums is null ? run : computes ? runs.WithStates(run) : run with { Model = run.Guide! };
            return [density.LogWeights(run), .. sites.Select(site => Predictive.Values(drawn, site.Key))];
        }

        using var weights = new ImportanceWeights(many);
        var kept = new Tensor[sites.Length + 1];
        runs.ForEach(many, runs.BatchSize(many, Make), Make, (start, count, made) =>
        {
            weights.Add(made[0]);
            for (var i = 0; i < kept.Length; i++)
            {
                kept[i] ??= empty([many, .. made[i].shape[1..]], made[i].dtype, made[i].device).MoveToOuterDisposeScope();
                kept[i].narrow(0, start, count).copy_(made[i]);
            }
        }, default);
        var chosen = Resampling.Systematic(kept[0], draws, key.Fold("resample"));
        var summedOut = runs.Measured.Model.Latents.Where(site => runs.Measured.Guide!.Find(site.Key) is null).Select(site => site.Key);
        var estimate = new EvidenceEstimate(runs.Vectorized ? "importance resampling" : "importance resampling, one run a draw", many, density.Plates, weights.Elements());
        return new(model.Name, draws, [.. sites.Select((site, i) => (site.Key, Resampling.At(kept[i + 1], chosen, site.Plates, density.Plates).DetachFromDisposeScope()))], [.. summedOut], estimate);
    }
}
