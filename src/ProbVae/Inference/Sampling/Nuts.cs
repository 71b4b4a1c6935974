using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// The No-U-Turn sampler (Hoffman and Gelman 2014): draws from the posterior itself, without a guide. Trajectories follow the gradient of the joint
/// density through unconstrained space; step size and mass matrix are adapted during warmup as in Stan.
/// </summary>
public static class Nuts
{
    private const int MostStarts = 100;
    private const int DrawsOfGuide = 1000;

    // A single one is far out now and then, where it is caught by a mode that has no mass.
    private const int DrawsOfStart = 10;

    /// <summary>Draws from the posterior of a model's latent variables; discrete ones of finite support are summed out.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model. Its networks' parameters stay as they are, and the networks run in the mode they are in.</param>
    /// <param name="data">All of its data.</param>
    /// <param name="key">Where all randomness comes from; the same call with the same key gives the same draws bit for bit on the same machine.</param>
    /// <param name="chains">How many chains, each adapted by itself. Range: at least 1; four tell by their differences whether they have settled.</param>
    /// <param name="warmup">How many iterations of each chain are adapted in and dropped. Range: at least 0.</param>
    /// <param name="draws">How many draws of each chain are kept. Range: at least 4.</param>
    /// <param name="from">A fitted guide: chains start at draws of it, and its covariance is their first mass matrix.</param>
    /// <param name="options">Target acceptance, mass matrix, start, progress.</param>
    /// <param name="cancellation">Ends the sampling after the gradient in progress. The draws so far are given where each chain has at least 4.</param>
    /// <returns>The draws, one chain after another, with what the chains say of themselves in <see cref="Posterior.Chains"/>.</returns>
    /// <exception cref="ModelException">The model cannot be sampled from so, or no start has a finite density; the message says why.</exception>
    /// <exception cref="CheckpointException">The checkpoint is damaged, or of another run; it stays as it is.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before there were draws.</exception>
    public static Posterior Sample<TData>(
        Model<TData> model,
        TData data,
        RandomKey key,
        int chains = 4,
        int warmup = 1000,
        int draws = 1000,
        Guide<TData>? from = null,
        NutsOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(chains, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(warmup, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, SampledChains.LeastDraws);
        options ??= new NutsOptions();
        options.ThrowIfImpossible();
        using var scope = NewDisposeScope();
        using var density = new UnconstrainedPosterior<TData>(model, data, key.Fold("model"), options);
        if ((long)draws * density.Dimension > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(draws), draws, $"Nuts: {draws} draws of {density.Dimension} numbers are more than one chain can hold; at most {Array.MaxLength / density.Dimension} fit.");
        }

        var checkpoint = options.Checkpoint is null ? null : new NutsCheckpoint<TData>(options.Checkpoint, model.Name, key, chains, (warmup, draws), options, density);
        var goesOn = checkpoint?.Exists ?? false;
        var (starts, covariance) = goesOn
            ? (Array.ConvertAll(new int[chains], _ => new PhasePoint(new double[density.Dimension])), null)
            : Starts(model, data, key.Fold("start"), chains, from, options, density);
        NutsChain[] all = [.. starts.Select((start, chain) => new NutsChain(chain, start, (warmup, draws), options, key.Fold("chain").Fold(chain), covariance))];
        if (goesOn)
        {
            checkpoint!.Load(all);
        }

        var wasCancelled = Run(all, density, checkpoint, cancellation);
        return Collected(model, data, key, all, warmup, density, wasCancelled, checkpoint);
    }

    // All chains' points are evaluated together. A chain that has ended keeps its row, so that the others' numbers stay in their places.
    private static bool Run<TData>(NutsChain[] chains, UnconstrainedPosterior<TData> density, NutsCheckpoint<TData>? checkpoint, CancellationToken cancellation)
    {
        // At once, so that a file that cannot be written is met before hours of sampling.
        checkpoint?.Save(chains);
        var active = chains.Where(chain => chain.Begin()).ToList();
        PhasePoint[] rows = [.. chains.Select(chain => chain.Pending)];
        while (active.Count > 0 && !cancellation.IsCancellationRequested)
        {
            density.Evaluate(density.IsVectorized ? rows : [.. active.Select(chain => rows[chain.Number])]);
            active.RemoveAll(chain => !chain.MoveNext());
            Array.ForEach(chains, chain => rows[chain.Number] = chain.Pending);
            checkpoint?.SaveIfDue(chains);
        }

        checkpoint?.Save(chains);
        return active.Count > 0;
    }

    private static (PhasePoint[] Starts, double[]? Covariance) Starts<TData>(
        Model<TData> model, TData data, RandomKey key, int chains, Guide<TData>? guide, NutsOptions options, UnconstrainedPosterior<TData> density)
    {
        var drawn = guide is null ? null : Posterior.Of(model, guide, data, DrawsOfGuide + (options.MassMatrix == MassMatrix.Dense ? 2 * density.Dimension : 0), key);
        var positions = drawn is null ? null : density.Rows(site => site.ToUnconstrained(drawn[site.Handle].reshape([drawn.Draws, .. (site.BatchShape + site.EventShape).ToArray()])), drawn.Draws);
        var starts = new PhasePoint?[chains];
        for (var attempt = 0; attempt < MostStarts && starts.Any(start => start is null); attempt++)
        {
            PhasePoint[] tried = [.. Enumerable.Range(0, chains).Select(chain => starts[chain] ?? new PhasePoint(
                positions is not null ? positions[((attempt * chains) + chain) % positions.Length] : FromModel(key.Fold(attempt).Fold(chain))))];
            density.Evaluate(tried);
            starts = Array.ConvertAll(tried, point => point.IsFinite ? point : null);
        }

        if (starts.Any(start => start is null))
        {
            throw new ModelException([
                $"Nuts: the joint density of data and latent variables, or its gradient, is not finite at any of {MostStarts} {(guide is not null ? "draws of the guide" : options.Init is null ? "draws from the prior" : "starts")}. Give a start where it is: new NutsOptions {{ Init = InitTo.Value(...) }}, or a fitted guide.",
                .. (density.Refusal as ModelException)?.Problems ?? (density.Refusal is null ? [] : [TorchRefusal.Words(density.Refusal)])]);
        }

        PhasePoint[] found = [.. starts.OfType<PhasePoint>()];
        density.Validate(found[0]);
        density.Compare(found);
        return (found, positions is null ? null : Covariance(positions, options));

        double[] FromModel(RandomKey start)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var prototype = Prototype.Of(model, data, new AutoGuideOptions(Seed: start.Value), nameof(Nuts));
            var numbers = options.Init?.Starts(prototype) ?? BestPriorDraw(prototype);
            return density.Rows(site => numbers[site.Handle], 1)[0];
        }
    }

    private static IReadOnlyDictionary<Latent, Tensor> BestPriorDraw(Prototype prototype)
    {
        try
        {
            return InitTo.BestOf(DrawsOfStart).Starts(prototype);
        }
        catch (ModelException)
        {
            // The data are impossible at each of them; others are tried.
            return InitTo.Sample.Starts(prototype);
        }
    }

    // None of a guide that is a point.
    private static double[]? Covariance(double[][] positions, NutsOptions options)
    {
        var (dimension, dense) = (positions[0].Length, options.MassMatrix == MassMatrix.Dense);
        var running = new RunningCovariance(dimension, dense);
        Array.ForEach(positions, running.Add);
        var covariance = running.Sample();
        return Enumerable.Range(0, dimension).All(i => covariance[dense ? i * (dimension + 1) : i] > 0) ? covariance : null;
    }

    private static Posterior Collected<TData>(
        Model<TData> model, TData data, RandomKey key, NutsChain[] chains, int warmup, UnconstrainedPosterior<TData> density, bool wasCancelled, NutsCheckpoint<TData>? checkpoint)
    {
        using var noGrad = no_grad();
        var kept = chains.Min(chain => chain.Iteration) - warmup;
        if (kept < SampledChains.LeastDraws)
        {
            throw new OperationCanceledException($"Nuts was cancelled when its slowest chain had had {chains.Min(chain => chain.Iteration)} iterations, of which {warmup} are warmup, so there are no draws to give.{(checkpoint is null ? "" : " The same call goes on from the checkpoint.")}");
        }

        var positions = chains.Select(chain => tensor(chain.Draws[..(kept * density.Dimension)].ToArray(), [kept, density.Dimension], ScalarType.Float64)).ToList();
        var latents = density.Sites.Select(site => (site.Handle, Draws: cat([.. positions.Select(part => density.Values(site, part))], 0).DetachFromDisposeScope())).ToList();
        var computed = density.Computed.Count == 0 ? null : Predictive.Computed(model, latents, data, key.Fold("computed"), chains.Length * kept, density.Computed, density.IsVectorized);
        var sites = latents.Select(site => (Site: (SiteHandle)site.Handle, site.Draws)).Concat(density.Computed.Select(site => (Site: site, Draws: computed![site])));
        return new Posterior(model.Name, chains.Length * kept, [.. sites.OrderBy(site => density.Order.Index().First(entry => entry.Item.Equals(site.Site)).Index)], density.SummedOut)
        {
            Chains = new SampledChains([.. chains.Select(chain => chain.Record)], kept, density.IsVectorized, wasCancelled, checkpoint is null ? density.Refusal?.Message : checkpoint.Refusal),
        };
    }
}
