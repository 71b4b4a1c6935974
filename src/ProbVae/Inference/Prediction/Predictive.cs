using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Draws of a model's sites: from the prior, from the posterior that a guide was fitted to, or given other data. Networks run in the
/// mode they are in: call <c>eval()</c> on those with dropout or batch normalization first.
/// </summary>
public static class Predictive
{
    /// <summary>The memory that the runs of one batch may take unless another bound is asked for: 128 MiB.</summary>
    public const long DefaultMemory = ParticleRuns<object>.DefaultMemory;

    /// <summary>Draws from p(z) p(x | z): what the model expects before it has seen data.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">Tells the sizes, and what is not random (covariates, say). Observed values in it only need to lie in their support.</param>
    /// <param name="key">Where all randomness comes from; the same call with the same key gives the same draws.</param>
    /// <param name="draws">How many. Range: at least 1.</param>
    /// <param name="sites">Latent variables, observations and computed quantities to keep; all of them unless given.</param>
    /// <param name="memory">How many bytes the runs of one batch of draws may take, estimated from a trial of two; the result comes on top.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the program takes one; otherwise they run one after another.</param>
    /// <param name="cancellation">Asked before each batch of draws.</param>
    /// <exception cref="ModelException">The model has no such site, has an improper prior, or does not fit the data; the message lists why.</exception>
    public static Prediction Prior<TData>(
        Model<TData> model, TData data, RandomKey key, int draws = 1000, IEnumerable<SiteHandle>? sites = null, long memory = DefaultMemory, bool vectorized = true, CancellationToken cancellation = default) =>
        Draw(model, null, data, key, draws, sites, memory, vectorized, cancellation);

    /// <summary>
    /// Draws from q(z | x) p(x̃ | z): replicated observations and latent variables after the fit. With other data in
    /// <paramref name="data"/>, an amortized guide gives the prediction conditional on those. Discrete variables that the guide leaves out are
    /// drawn from their exact joint posterior, given <paramref name="data"/> and the guide's draws.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model, or one that was made from the guide's by a handler.</param>
    /// <param name="guide">The guide, whose values the latent variables take.</param>
    /// <param name="data">What the guide conditions on; it also tells the sizes, and what is not random.</param>
    /// <param name="key">Where all randomness comes from; the same call with the same key gives the same draws.</param>
    /// <param name="draws">How many. Range: at least 1.</param>
    /// <param name="sites">Latent variables, observations and computed quantities to keep; all of them unless given.</param>
    /// <param name="memory">How many bytes the runs of one batch of draws may take, estimated from a trial of two; the result comes on top.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the programs take one; otherwise they run one after another.</param>
    /// <param name="cancellation">Asked before each batch of draws.</param>
    /// <exception cref="ModelException">The guide is another model's, the model has no such site, or they do not fit the data.</exception>
    public static Prediction Posterior<TData>(
        Model<TData> model, Guide<TData> guide, TData data, RandomKey key, int draws = 1000, IEnumerable<SiteHandle>? sites = null, long memory = DefaultMemory, bool vectorized = true, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(guide);
        return Draw(model, guide, data, key, draws, sites, memory, vectorized, cancellation);
    }

    /// <summary>
    /// Draws given those of some latent variables: these keep their values, and what else the model has is drawn from its prior given them and
    /// from its likelihood. So a new group is predicted: its own variables are drawn anew, under what was learned of all groups.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model, or one that was made from it by a handler.</param>
    /// <param name="posterior">Draws of a posterior, from whatever guide; as many are made.</param>
    /// <param name="data">Tells the sizes, and what is not random; other groups than those of the fit, say.</param>
    /// <param name="key">Where all other randomness comes from; the same call with the same key gives the same draws.</param>
    /// <param name="keep">The latent variables that keep their values; all that <paramref name="posterior"/> has unless given.</param>
    /// <param name="sites">Latent variables, observations and computed quantities to give; all of them unless said.</param>
    /// <param name="memory">How many bytes the runs of one batch of draws may take, estimated from a trial of two; the result comes on top.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the program takes one; otherwise they run one after another.</param>
    /// <param name="cancellation">Asked before each batch of draws.</param>
    /// <exception cref="ModelException">A variable to keep is none of the model's, or has another shape with these data; the message says which.</exception>
    public static Prediction Given<TData>(
        Model<TData> model, Posterior posterior, TData data, RandomKey key, IEnumerable<Latent>? keep = null, IEnumerable<SiteHandle>? sites = null, long memory = DefaultMemory, bool vectorized = true, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(posterior);
        var kept = new KeptDraws([.. (keep ?? posterior.Latents).Distinct().Select(site => (site, posterior[site]))]);
        return Draw(model, null, data, key, posterior.Draws, sites, memory, vectorized, cancellation, kept);
    }

    /// <summary>What the model computes from draws of its posterior, with discrete variables drawn given these and the data.</summary>
    internal static Prediction Computed<TData>(
        Model<TData> model, IReadOnlyList<(Latent Site, Tensor Draws)> drawn, TData data, RandomKey key, int draws, IEnumerable<SiteHandle> sites, bool vectorized) =>
        Draw(model, null, data, key, draws, sites, DefaultMemory, vectorized, default, new KeptDraws(drawn) { GivenData = true });

    private static Prediction Draw<TData>(
        Model<TData> model, Guide<TData>? guide, TData data, RandomKey key, int draws, IEnumerable<SiteHandle>? sites, long memory, bool vectorized, CancellationToken cancellation, KeptDraws? kept = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var runs = new ParticleRuns<TData>(model, guide, data, key, memory, vectorized, kept);
        kept?.At(runs.Measured.Model, runs.Layout.PlateDepth, 0, null);
        SiteHandle[] chosen = sites is null ? [.. runs.Measured.Model.Sites.Select(site => site.Key)] : [.. sites.Distinct()];
        if (Problems(model.Name, chosen, runs.Measured.Model).ToList() is { Count: > 0 } problems)
        {
            throw new ModelException(problems, runs.Measured.Model.ToString());
        }

        IReadOnlyList<Tensor> Make(ParticleRun run) => runs.WithStates(run) is var drawn ? [.. chosen.Select(site => Values(drawn, site))] : [];
        var results = new Tensor[chosen.Length];
        try
        {
            runs.ForEach(draws, runs.BatchSize(draws, Make), Make, (start, count, values) =>
            {
                for (var i = 0; i < results.Length; i++)
                {
                    results[i] ??= empty([draws, .. values[i].shape[1..]], values[i].dtype, values[i].device).DetachFromDisposeScope();
                    Put(results[i].narrow(0, start, count), values[i], chosen[i]);
                }
            }, cancellation);
        }
        catch
        {
            Array.ForEach(results, result => result?.Dispose());
            throw;
        }

        return new Prediction(model.Name, draws, runs.Vectorized, [.. chosen.Zip(results)]);
    }

    private static IEnumerable<string> Problems(string model, SiteHandle[] chosen, Trace trace)
    {
        var sites = string.Join(", ", trace.Sites.Select(site => site.Name));
        return chosen.Length == 0
            ? [$"Predictive: no site was chosen; those of the model '{model}' are {sites}."]
            : chosen.Where(site => trace.Find(site) is null).Select(site => $"Predictive: the model '{model}' has no site '{site}'; its sites are {sites}. Give the handle that the model was declared with.");
    }

    // An observation is drawn anew; whatever else a site has, it keeps.
    internal static Tensor Values(ParticleRun run, SiteHandle handle)
    {
        var site = run.Model.Find(handle)
            ?? throw new ModelException([$"Site '{handle}' occurs in some runs of the model only, so its draws make no tensor; choose sites that every run comes to."], run.Model.ToString());
        var value = site is ObservedSite { Handle: Observed } ? site.Distribution.Sample(run.Key.Fold(site.Name)) : site.Value;
        var full = value.expand((site.Distribution.BatchShape + site.Distribution.EventShape).ToArray());
        var plates = site.Plates.OrderBy(plate => plate.Axis).Select(plate => plate.Size);
        return full.reshape([run.Particles ?? 1, .. plates, .. site.Distribution.EventShape.ToArray()]);
    }

    private static void Put(Tensor place, Tensor values, SiteHandle site)
    {
        if (!place.shape.AsSpan().SequenceEqual(values.shape))
        {
            throw new ModelException($"Site '{site}' has shape {new Shape(values.shape[1..])} in one run and {new Shape(place.shape[1..])} in another, so its draws make no tensor; choose sites whose shape every run keeps.");
        }

        place.copy_(values);
    }
}
