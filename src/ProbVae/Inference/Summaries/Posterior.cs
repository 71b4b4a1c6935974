using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Draws from a fitted guide, or from the posterior itself by a sampler (<see cref="Nuts"/>): of each latent variable, and of each quantity that the
/// model computes from them. The tensors are the object's own and live as long as it.
/// </summary>
public sealed partial class Posterior
{
    private readonly IReadOnlyList<(SiteHandle Site, Tensor Draws)> _sites;
    private readonly IReadOnlyList<SiteHandle> _summedOut;

    internal Posterior(string model, int draws, IReadOnlyList<(SiteHandle Site, Tensor Draws)> sites, IReadOnlyList<SiteHandle> summedOut, EvidenceEstimate? weights = null) =>
        (Model, Draws, _sites, _summedOut, Weights) = (model, draws, sites, summedOut, weights);

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>How many draws there are.</summary>
    public int Draws { get; }

    /// <summary>The chains that the draws came from; null for draws from a guide.</summary>
    public SampledChains? Chains { get; internal init; }

    /// <summary>The sites, in the model's order.</summary>
    public IReadOnlyList<SiteHandle> Sites => [.. _sites.Select(entry => entry.Site)];

    internal IEnumerable<Latent> Latents => _sites.Select(entry => entry.Site).OfType<Latent>();

    /// <summary>The draws of one site, of shape (draws) + plates + event.</summary>
    /// <param name="site">The handle of a latent variable or a computed quantity.</param>
    /// <exception cref="ModelException">There is no such site here; the message names those that are.</exception>
    public Tensor this[SiteHandle site]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(site);
            return _sites.FirstOrDefault(entry => entry.Site.Equals(site)).Draws ?? throw new ModelException(_summedOut.Contains(site)
                ? $"Site '{site}' was summed out, so {(Chains is null ? "the guide has no draws of it; Predictive.Posterior draws it, and DiscretePosterior.Of has its probabilities" : "the chains have no draws of it; what the model computes from it they have")}."
                : $"Site '{site}' is not among the latent variables and computed quantities of '{Model}', which are {string.Join(", ", Sites)}; an observation is predicted, not inferred.");
        }
    }

    /// <summary>
    /// Draws from a guide, and computes from each draw what the model does. Discrete latent variables that the guide leaves out to be summed
    /// out are not among the sites; what is computed from them is, at values from their posterior given the draw.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">A guide that was fitted to it.</param>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="draws">How many draws. Range: at least 2.</param>
    /// <param name="key">Where the draws come from; the same key gives the same draws.</param>
    /// <param name="vectorized">Whether to put draws along a leading axis where the programs take one; otherwise they run one after another.</param>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public static Posterior Of<TData>(Model<TData> model, Guide<TData> guide, TData data, int draws = 1000, RandomKey key = default, bool vectorized = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(guide);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 2);
        guide = guide.Serving(model);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (layout, sites, summedOut) = Measure(model, guide, data, key.Fold("measure"));
        var parameters = TrainableParameters.Of<TData>([], model, guide);
        if (summedOut.Length == 0 || sites.Any(site => site is Deterministic))
        {
            var predicted = Predictive.Posterior(model, guide, data, key, draws, sites, vectorized: vectorized);
            return new(model.Name, draws, [.. predicted.Sites.Select(site => (site, predicted[site]))], summedOut);
        }

        // The guide's own variables alone: the model need not run.
        var count = Trial<TData>.FreshCount([.. scope.DisposablesView.OfType<Tensor>(), .. parameters.ByName.Values, .. parameters.Buffers.Values]);
        var takes = Trial<TData>.TakesParticles(guide, null, data, key.Fold("shapes"), new RunSettings(layout, count), parameters);
        var values = (vectorized && takes ? Vectorized(() => Values(guide.Execute(data, key, new RunSettings(layout, draws)), sites, draws)) : null)
            ?? OneByOne(draws, draw => Values(guide.Execute(data, key.Fold(draw), new RunSettings(layout)), sites, 1));
        return new(model.Name, draws, [.. sites.Zip(values, (site, value) => (site, value.clone().DetachFromDisposeScope()))], summedOut);
    }

    /// <summary>
    /// Mean, standard deviation and quantiles of every number of every site, in the model's own space; of chains also R-hat, effective sizes and
    /// Monte Carlo errors.
    /// </summary>
    public PosteriorSummary Summary()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var ranks = Chains?.NewRanks();
        return new([.. _sites.SelectMany(entry => SummaryRow.Of(entry.Site, entry.Draws, Chains, ranks))]) { Warnings = Chains?.Warnings ?? [] };
    }

    /// <summary>The model, how many draws, and the sites with the shapes of one draw.</summary>
    public override string ToString() => $"posterior of '{Model}': {Draws} draws of {Loops.Some([.. _sites.Select(entry => $"{entry.Site} {new Shape(entry.Draws.shape)[1..]}")])}";

    private static (Layout Layout, SiteHandle[] Sites, SiteHandle[] SummedOut) Measure<TData>(Model<TData> model, Guide<TData> guide, TData data, RandomKey key)
    {
        var restoreBuffers = TrainableParameters.Of<TData>([], model, guide).KeepBuffers();
        try
        {
            var prior = model.Execute(data, key, new RunSettings(Layout.Unknown, Validate: false));
            var layout = Layout.Of(prior);
            var posterior = guide.Execute(data, key, new RunSettings(layout));
            SiteHandle[] summedOut = [.. prior.Latents.Where(site => site.Distribution.Support.IsDiscrete && posterior.Find(site.Handle) is null).Select(site => site.Key)];
            return (layout, [.. prior.Sites.Where(site => site is LatentSite or DeterministicSite).Select(site => site.Key).Except(summedOut)], summedOut);
        }
        finally
        {
            restoreBuffers();
        }
    }

    // A program may not take a leading axis of draws; what else is wrong with it shows again when the draws run one by one.
    private static Tensor[]? Vectorized(Func<Tensor[]> draw)
    {
        try
        {
            return draw();
        }
        catch (Exception refusal) when (refusal is ModelException or ArgumentException or ExternalException)
        {
            return null;
        }
    }

    private static Tensor[] OneByOne(int draws, Func<int, Tensor[]> draw)
    {
        var each = new List<Tensor[]>();
        for (var i = 0; i < draws; i++)
        {
            using var scope = NewDisposeScope();
            each.Add([.. draw(i).Select(value => value.MoveToOuterDisposeScope())]);
        }

        return [.. each[0].Select((_, site) => cat([.. each.Select(values => values[site])], 0))];
    }

    private static Tensor[] Values(Trace run, SiteHandle[] sites, int draws) => [.. sites.Select(handle => Values(run.Find(handle)!, draws))];

    // Of shape (draws) + plates + event, without the axes of size 1 that keep a vectorized run's particles in one place.
    private static Tensor Values(Site site, int draws)
    {
        var full = site.Value.expand((site.Distribution.BatchShape + site.Distribution.EventShape).ToArray());
        return full.reshape([draws, .. site.Plates.OrderBy(plate => plate.Axis).Select(plate => plate.Size), .. site.Distribution.EventShape.ToArray()]);
    }
}
