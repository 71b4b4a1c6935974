using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Draws from a fitted guide: of each latent variable, and of each quantity that the model computes from them. The tensors are the
/// object's own and live as long as it.
/// </summary>
public sealed class Posterior
{
    private readonly IReadOnlyList<(SiteHandle Site, Tensor Draws)> _sites;

    private Posterior(string model, int draws, IReadOnlyList<(SiteHandle Site, Tensor Draws)> sites) => (Model, Draws, _sites) = (model, draws, sites);

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>How many draws there are.</summary>
    public int Draws { get; }

    /// <summary>The sites, in the model's order.</summary>
    public IReadOnlyList<SiteHandle> Sites => [.. _sites.Select(entry => entry.Site)];

    /// <summary>The draws of one site, of shape (draws) + plates + event.</summary>
    /// <param name="site">The handle of a latent variable or a computed quantity.</param>
    /// <exception cref="ModelException">There is no such site here; the message names those that are.</exception>
    public Tensor this[SiteHandle site]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(site);
            return _sites.FirstOrDefault(entry => entry.Site.Equals(site)).Draws ?? throw new ModelException(
                $"Site '{site}' is not among the latent variables and computed quantities of '{Model}', which are {string.Join(", ", Sites)}; an observation is predicted, not inferred.");
        }
    }

    /// <summary>
    /// Draws from a guide, and computes from each draw what the model does. Where the guide leaves discrete latent variables to be summed
    /// out, the draws are those of its own latent variables alone.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="guide">A guide that was fitted to it.</param>
    /// <param name="data">The data, or a minibatch of it.</param>
    /// <param name="draws">How many draws. Range: at least 2.</param>
    /// <param name="key">Where the draws come from; the same key gives the same draws.</param>
    /// <exception cref="ModelException">Model, guide and data do not fit.</exception>
    public static Posterior Of<TData>(Model<TData> model, Guide<TData> guide, TData data, int draws = 1000, RandomKey key = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(guide);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 2);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (layout, sites, summedOut) = Measure(model, guide, data, key.Fold("measure"));
        var parameters = TrainableParameters.Of<TData>([], model, guide);
        if (!summedOut)
        {
            var predicted = Predictive.Posterior(model, guide, data, key, draws, sites);
            return new(model.Name, draws, [.. predicted.Sites.Select(site => (site, predicted[site]))]);
        }

        var count = Trial<TData>.FreshCount([.. scope.DisposablesView.OfType<Tensor>(), .. parameters.ByName.Values, .. parameters.Buffers.Values]);
        var takes = Trial<TData>.TakesParticles(guide, null, data, key.Fold("shapes"), new RunSettings(layout, count), parameters);
        var values = (!takes ? null : Vectorized(() => Values(guide.Execute(data, key, new RunSettings(layout, draws)), sites, draws)))
            ?? OneByOne(draws, draw => Values(guide.Execute(data, key.Fold(draw), new RunSettings(layout)), sites, 1));
        return new(model.Name, draws, [.. sites.Zip(values, (site, value) => (site, value.clone().DetachFromDisposeScope()))]);
    }

    /// <summary>Mean, standard deviation and quantiles of every number of every site, in the model's own space.</summary>
    public PosteriorSummary Summary()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return new([.. _sites.SelectMany(entry => SummaryRow.Of(entry.Site, entry.Draws))]);
    }

    // Where the guide leaves discrete latent variables to be summed out, no single run of the model has a value of what depends on them:
    // the draws are then those of the guide's own latent variables.
    private static (Layout Layout, SiteHandle[] Sites, bool SummedOut) Measure<TData>(Model<TData> model, Guide<TData> guide, TData data, RandomKey key)
    {
        var restoreBuffers = TrainableParameters.Of<TData>([], model, guide).KeepBuffers();
        try
        {
            var prior = model.Execute(data, key, new RunSettings(Layout.Unknown, Validate: false));
            var layout = Layout.Of(prior);
            var posterior = guide.Execute(data, key, new RunSettings(layout));
            var summedOut = prior.Latents.Any(site => site.Distribution.Support.IsDiscrete && posterior.Find(site.Handle) is null);
            var sites = prior.Sites.Where(site => (site is DeterministicSite && !summedOut) || (site is LatentSite && (!summedOut || posterior.Find(site.Key) is not null)));
            return (layout, [.. sites.Select(site => site.Key)], summedOut);
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
