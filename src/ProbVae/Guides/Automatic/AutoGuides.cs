namespace ProbVae;

/// <content>Guides that are made from the model itself, and guides that are put together from parts.</content>
public static partial class Guide
{
    /// <summary>A point for each latent variable; trained, the maximum a posteriori estimate.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it, on which the model is run to learn its latent variables.</param>
    /// <param name="init">Where the points start; at the median of prior draws unless given.</param>
    /// <param name="only">The latent variables to cover; all continuous ones unless given.</param>
    /// <param name="except">Latent variables to leave to another guide.</param>
    /// <param name="seed">Where the randomness of the start comes from.</param>
    /// <exception cref="ModelException">A site cannot be covered; the message lists why.</exception>
    public static AutoDelta<TData> AutoDelta<TData>(
        Model<TData> model, TData data, InitTo? init = null, IReadOnlyCollection<Latent>? only = null, IReadOnlyCollection<Latent>? except = null, long seed = 0) =>
        new(model, data, new AutoGuideOptions(init, only, except, seed));

    /// <summary>The mean-field guide: independent normal distributions in unconstrained space.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it, on which the model is run to learn its latent variables.</param>
    /// <param name="init">Where the locations start; at the median of prior draws unless given.</param>
    /// <param name="scale">The standard deviation that every unconstrained number starts with. Range: scale &gt; 0.</param>
    /// <param name="only">The latent variables to cover; all continuous ones unless given.</param>
    /// <param name="except">Latent variables to leave to another guide.</param>
    /// <param name="seed">Where the randomness of the start comes from.</param>
    /// <exception cref="ModelException">A site cannot be covered; the message lists why.</exception>
    public static AutoNormal<TData> AutoNormal<TData>(
        Model<TData> model, TData data, InitTo? init = null, double scale = 0.1, IReadOnlyCollection<Latent>? only = null, IReadOnlyCollection<Latent>? except = null, long seed = 0) =>
        new(model, data, new AutoGuideOptions(init, only, except, seed), scale);

    /// <summary>One multivariate normal distribution over all latent variables in unconstrained space.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it, on which the model is run to learn its latent variables.</param>
    /// <param name="init">Where the locations start; at the median of prior draws unless given.</param>
    /// <param name="scale">The standard deviation that every unconstrained number starts with. Range: scale &gt; 0.</param>
    /// <param name="only">The latent variables to cover; all continuous ones unless given.</param>
    /// <param name="except">Latent variables to leave to another guide.</param>
    /// <param name="seed">Where the randomness of the start comes from.</param>
    /// <exception cref="ModelException">A site cannot be covered; the message lists why.</exception>
    public static AutoMultivariateNormal<TData> AutoMultivariateNormal<TData>(
        Model<TData> model, TData data, InitTo? init = null, double scale = 0.1, IReadOnlyCollection<Latent>? only = null, IReadOnlyCollection<Latent>? except = null, long seed = 0) =>
        new(model, data, new AutoGuideOptions(init, only, except, seed), scale);

    /// <summary>One normal distribution over all latent variables in unconstrained space, with few directions of correlation.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it, on which the model is run to learn its latent variables.</param>
    /// <param name="rank">The number of directions; the root of the number of unconstrained numbers unless given. Range: 1 to that number.</param>
    /// <param name="init">Where the locations start; at the median of prior draws unless given.</param>
    /// <param name="scale">The standard deviation that every unconstrained number starts with. Range: scale &gt; 0.</param>
    /// <param name="only">The latent variables to cover; all continuous ones unless given.</param>
    /// <param name="except">Latent variables to leave to another guide.</param>
    /// <param name="seed">Where the randomness of the start comes from.</param>
    /// <exception cref="ModelException">A site cannot be covered; the message lists why.</exception>
    public static AutoLowRankMultivariateNormal<TData> AutoLowRankMultivariateNormal<TData>(
        Model<TData> model, TData data, int? rank = null, InitTo? init = null, double scale = 0.1, IReadOnlyCollection<Latent>? only = null, IReadOnlyCollection<Latent>? except = null, long seed = 0) =>
        new(model, data, new AutoGuideOptions(init, only, except, seed), rank, scale);

    /// <summary>Laplace's approximation: train it, then ask for its <c>Gaussian(data)</c>.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it, on which the model is run to learn its latent variables.</param>
    /// <param name="init">Where the locations start; at the median of prior draws unless given.</param>
    /// <param name="only">The latent variables to cover; all continuous ones unless given.</param>
    /// <param name="except">Latent variables to leave to another guide.</param>
    /// <param name="seed">Where the randomness of the start comes from.</param>
    /// <exception cref="ModelException">A site cannot be covered; the message lists why.</exception>
    public static AutoLaplace<TData> AutoLaplace<TData>(
        Model<TData> model, TData data, InitTo? init = null, IReadOnlyCollection<Latent>? only = null, IReadOnlyCollection<Latent>? except = null, long seed = 0) =>
        new(model, data, new AutoGuideOptions(init, only, except, seed));

    /// <summary>A site-by-site normal guide whose locations are linear in the sites before.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it, on which the model is run to learn its latent variables.</param>
    /// <param name="init">Where the locations start; at the median of prior draws unless given.</param>
    /// <param name="scale">The standard deviation that every unconstrained number starts with. Range: scale &gt; 0.</param>
    /// <param name="only">The latent variables to cover; all continuous ones unless given.</param>
    /// <param name="except">Latent variables to leave to another guide.</param>
    /// <param name="seed">Where the randomness of the start comes from.</param>
    /// <exception cref="ModelException">A site cannot be covered; the message lists why.</exception>
    public static AutoStructured<TData> AutoStructured<TData>(
        Model<TData> model, TData data, InitTo? init = null, double scale = 0.1, IReadOnlyCollection<Latent>? only = null, IReadOnlyCollection<Latent>? except = null, long seed = 0) =>
        new(model, data, new AutoGuideOptions(init, only, except, seed), scale);

    /// <summary>A stack of flows over all latent variables in unconstrained space.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it, on which the model is run to learn its latent variables.</param>
    /// <param name="flows">Makes the flows for vectors of so many numbers, the first to be applied first; flows and fixed transforms over real vectors.</param>
    /// <param name="init">Where the locations start; at the median of prior draws unless given.</param>
    /// <param name="scale">The standard deviation that every unconstrained number starts with. Range: scale &gt; 0.</param>
    /// <param name="only">The latent variables to cover; all continuous ones unless given.</param>
    /// <param name="except">Latent variables to leave to another guide.</param>
    /// <param name="seed">Where the randomness of the start comes from.</param>
    /// <exception cref="ModelException">A site cannot be covered; the message lists why.</exception>
    public static AutoNormalizingFlow<TData> AutoNormalizingFlow<TData>(
        Model<TData> model, TData data, Func<int, IReadOnlyList<Transform>> flows, InitTo? init = null, double scale = 0.1, IReadOnlyCollection<Latent>? only = null, IReadOnlyCollection<Latent>? except = null, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(flows);
        return new(model, data, new AutoGuideOptions(init, only, except, seed), flows, scale);
    }

    /// <summary>Inverse autoregressive flows over all latent variables in unconstrained space, turned back to front between each two.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="data">The data, or a minibatch of it, on which the model is run to learn its latent variables.</param>
    /// <param name="layers">How many flows. Range: at least 1.</param>
    /// <param name="hidden">The widths of each flow's hidden layers; one of twice the number of unconstrained numbers, at least 16, unless given.</param>
    /// <param name="init">Where the locations start; at the median of prior draws unless given.</param>
    /// <param name="scale">The standard deviation that every unconstrained number starts with. Range: scale &gt; 0.</param>
    /// <param name="only">The latent variables to cover; all continuous ones unless given.</param>
    /// <param name="except">Latent variables to leave to another guide.</param>
    /// <param name="seed">Where the randomness of the start comes from.</param>
    /// <exception cref="ModelException">A site cannot be covered; the message lists why.</exception>
    public static AutoNormalizingFlow<TData> AutoIaf<TData>(
        Model<TData> model, TData data, int layers = 2, IReadOnlyList<int>? hidden = null, InitTo? init = null, double scale = 0.1, IReadOnlyCollection<Latent>? only = null, IReadOnlyCollection<Latent>? except = null, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        var options = new AutoGuideOptions(init, only, except, seed);
        return new(model, data, options, Stack, scale);

        IReadOnlyList<Transform> Stack(int dimension) => [.. Enumerable.Range(0, layers).SelectMany(layer => (IEnumerable<Transform>)[
            .. layer == 0 ? Array.Empty<Transform>() : [PermuteTransform.Reversed(dimension)],
            new InverseAutoregressiveFlow(dimension, hidden ?? [Math.Max(16, 2 * dimension)], options.Key.Fold("flow").Fold(layer))])];
    }

    /// <summary>One guide of several, each for latent variables of its own: automatic ones (<c>only:</c>, <c>except:</c>) and written ones.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="parts">The parts, in the order in which they are run: one that reads a latent variable comes after the one that samples it.</param>
    /// <exception cref="ModelException">A part is another model's, or two automatic parts cover the same latent variable.</exception>
    public static Guide<TData> Compose<TData>(Model<TData> model, params Guide<TData>[] parts)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(parts);
        return new ComposedGuide<TData>(model, parts);
    }
}
