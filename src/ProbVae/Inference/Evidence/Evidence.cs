using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The evidence log p(x) of a model. Where every latent variable and observation stands in one plate, each of its elements gets its
/// own number, log p(x_n); otherwise there is one for the data. Networks run in the mode they are in.
/// </summary>
public static class Evidence
{
    /// <summary>The memory that the runs of one batch of draws may take unless another bound is asked for: 128 MiB.</summary>
    public const long DefaultMemory = ParticleRuns<object>.DefaultMemory;

    /// <summary>Importance sampling with the guide: log (1/K) Σ p(x, z_k) / q(z_k), z_k ~ q.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">The proposal; the nearer to the posterior, the fewer draws are needed.</param>
    /// <param name="data">All of the data; or some of its rows, where each has evidence of its own.</param>
    /// <param name="key">Where all randomness comes from.</param>
    /// <param name="draws">K. Range: at least 1.</param>
    /// <param name="memory">How many bytes the runs of one batch of draws may take, estimated from a trial of two; K beyond that runs batch by batch.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the programs take one; otherwise they run one after another.</param>
    /// <param name="cancellation">Asked before each batch of draws.</param>
    /// <exception cref="ModelException">There is no such evidence, or the estimate would be wrong; the message says why.</exception>
    public static EvidenceEstimate ByImportance<TData>(
        Model<TData> model, Guide<TData> guide, TData data, RandomKey key, int draws = 5000, long memory = DefaultMemory, bool vectorized = true, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(guide);
        return Weigh("importance sampling from the guide", model, guide, data, key, draws, memory, vectorized, cancellation);
    }

    /// <summary>Importance sampling of many rows, part by part, for a model whose rows have evidence of their own.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">The proposal.</param>
    /// <param name="parts">The rows in parts, each a minibatch as in training; asked for one after another.</param>
    /// <param name="key">Where all randomness comes from.</param>
    /// <param name="draws">K for each row. Range: at least 1.</param>
    /// <param name="memory">How many bytes the runs of one batch of draws may take.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the programs take one.</param>
    /// <param name="group">Processes that deal the parts out among themselves, each given the same ones; all get the estimate of one process. One unless said.</param>
    /// <param name="cancellation">Asked before each batch of draws.</param>
    /// <exception cref="ModelException">The rows are not independent, there are more than the plate has, or an estimate would be wrong.</exception>
    public static EvidenceEstimate ByImportanceInParts<TData>(
        Model<TData> model, Guide<TData> guide, IEnumerable<TData> parts, RandomKey key, int draws = 5000, long memory = DefaultMemory, bool vectorized = true, IProcessGroup? group = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(guide);
        ArgumentNullException.ThrowIfNull(parts);
        var (elements, method) = (new List<EvidenceElement>(), "");
        Plate? plate = null;
        EvidenceEstimate Of(TData part, long before) => ByImportance(model, guide, part, key.Fold("part").Fold(elements.Count + before), draws, memory, vectorized, cancellation);
        foreach (var estimate in new DealtParts<TData>(group ?? ProcessGroup.Alone, model, guide).Each(parts, Of, (writer, one) => one.Write(writer), EvidenceEstimate.Read, cancellation))
        {
            plate = Joined(model.Name, plate, estimate.Plates);
            elements.AddRange(estimate.Elements);
            method = estimate.Method;
        }

        return plate is null
            ? throw new ArgumentException("Evidence: there is no part; give at least one.", nameof(parts))
            : new(method, draws, [plate], elements);
    }

    /// <summary>
    /// Plain sampling from the prior: log (1/K) Σ p(x | z_k), z_k ~ p(z). Right in the limit, and useless where the posterior is
    /// much narrower than the prior: hardly any draw lands where the likelihood is. The effective sample size and k̂ show it.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">All of the data; or some of its rows, where each has evidence of its own.</param>
    /// <param name="key">Where all randomness comes from.</param>
    /// <param name="draws">K. Range: at least 1.</param>
    /// <param name="memory">How many bytes the runs of one batch of draws may take.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the program takes one.</param>
    /// <param name="cancellation">Asked before each batch of draws.</param>
    /// <exception cref="ModelException">There is no such evidence, or the estimate would be wrong; the message says why.</exception>
    public static EvidenceEstimate ByPriorSampling<TData>(
        Model<TData> model, TData data, RandomKey key, int draws = 5000, long memory = DefaultMemory, bool vectorized = true, CancellationToken cancellation = default) =>
        Weigh("sampling from the prior", model, null, data, key, draws, memory, vectorized, cancellation);

    /// <summary>
    /// Annealed importance sampling (Neal 2001) from the prior to the posterior: chains of Hamiltonian transitions in unconstrained
    /// space along p(z) p(x | z)^β, β from 0 to 1. For continuous latent variables; p(x), not its logarithm, is estimated without bias.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">All of the data; or some of its rows, where each has evidence of its own.</param>
    /// <param name="key">Where all randomness comes from.</param>
    /// <param name="draws">The number of chains. Range: at least 1.</param>
    /// <param name="path">How the chains move; the default unless given.</param>
    /// <param name="memory">How many bytes one batch of chains may take.</param>
    /// <param name="vectorized">Whether to put chains along a leading axis where the program takes one.</param>
    /// <param name="cancellation">Asked at each temperature.</param>
    /// <exception cref="ModelException">A latent variable is discrete, or there is no such evidence; the message says why.</exception>
    public static EvidenceEstimate ByAnnealing<TData>(
        Model<TData> model, TData data, RandomKey key, int draws = 100, AnnealingPath? path = null, long memory = DefaultMemory, bool vectorized = true, CancellationToken cancellation = default) =>
        Anneal("annealing from the prior", model, null, data, key, draws, path, memory, vectorized, cancellation);

    /// <summary>Annealed importance sampling (Neal 2001) from the guide to the posterior, along q(z)^(1 − β) p(x, z)^β.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">Where the chains start; its density must be known at any value, so it has no variables of its own.</param>
    /// <param name="data">All of the data; or some of its rows, where each has evidence of its own.</param>
    /// <param name="key">Where all randomness comes from.</param>
    /// <param name="draws">The number of chains. Range: at least 1.</param>
    /// <param name="path">How the chains move; the default unless given.</param>
    /// <param name="memory">How many bytes one batch of chains may take.</param>
    /// <param name="vectorized">Whether to put chains along a leading axis where the programs take one.</param>
    /// <param name="cancellation">Asked at each temperature.</param>
    /// <exception cref="ModelException">A latent variable is discrete, or there is no such evidence; the message says why.</exception>
    public static EvidenceEstimate ByAnnealing<TData>(
        Model<TData> model, Guide<TData> guide, TData data, RandomKey key, int draws = 100, AnnealingPath? path = null, long memory = DefaultMemory, bool vectorized = true, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(guide);
        return Anneal("annealing from the guide", model, guide, data, key, draws, path, memory, vectorized, cancellation);
    }

    private static EvidenceEstimate Weigh<TData>(
        string method, Model<TData> model, Guide<TData>? guide, TData data, RandomKey key, int draws, long memory, bool vectorized, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var runs = new ParticleRuns<TData>(model, guide, data, key, memory, vectorized);
        var density = JointDensity.Of(runs.Measured, runs.Remeasured);
        if (guide is null && runs.Measured.Model.Latents.FirstOrDefault(site => model.Rules.Rules.ContainsKey(site.Handle)) is { } held)
        {
            throw new ModelException(
                [$"Site '{held.Name}': {model.Rules.Rules[held.Handle].Word} holds it at a value, so its prior is not drawn from and the mean of p(x | z) is no evidence. Use the model without that handler, or Condition, which counts the value as data."],
                runs.Measured.Model.ToString());
        }

        using var weights = new ImportanceWeights(draws);
        IReadOnlyList<Tensor> Make(ParticleRun run) => [density.LogWeights(run)];
        runs.ForEach(draws, runs.BatchSize(draws, Make), Make, (_, _, made) => weights.Add(made[0]), cancellation);
        return new(Named(method, runs.Vectorized), draws, density.Plates, weights.Elements());
    }

    private static EvidenceEstimate Anneal<TData>(
        string method, Model<TData> model, Guide<TData>? guide, TData data, RandomKey key, int draws, AnnealingPath? path, long memory, bool vectorized, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var runs = new ParticleRuns<TData>(model, guide, data, key, memory, vectorized);
        var density = JointDensity.Of(runs.Measured, runs.Remeasured);
        using var frozen = runs.Parameters.Freeze();
        var chains = new AnnealedChains<TData>(runs, density, data, path ?? new AnnealingPath(), cancellation);
        using var weights = new ImportanceWeights(draws);
        var batch = runs.BatchSize(draws, chains.Trial, share: 0.2);
        chains.Tune(key.Fold("tune"), Math.Min(batch, 32));
        runs.ForEach(draws, batch, run => [chains.LogWeights(run)], (_, _, made) => weights.Add(made[0]), cancellation);
        return new(Named(method, runs.Vectorized), draws, density.Plates, weights.Elements());
    }

    private static string Named(string method, bool vectorized) => vectorized ? method : $"{method}, one run a draw";

    private static Plate Joined(string model, Plate? before, IReadOnlyList<Plate> plates)
    {
        if (plates.Count != 1)
        {
            throw new ModelException($"Evidence: the sites of the model '{model}' have {(plates.Count == 0 ? "no plate" : $"{plates.Count} plates")} in common, so its data cannot be taken in parts; exactly one plate is needed, of rows that are independent. Give the whole data at once.");
        }

        var joined = plates[0] with { Rows = null, Size = plates[0].Size + (before?.Size ?? 0) };
        return joined.Size <= joined.Total ? joined
            : throw new ModelException($"Evidence: the parts hold {joined.Size} rows of plate '{joined.Name}', which has a total of {joined.Total}; give each row once.");
    }
}
