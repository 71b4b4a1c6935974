using static TorchSharp.torch;

namespace ProbVae;

/// <content>What the guide says of each latent variable, in the model's own space.</content>
public abstract partial class AutoGuide<TData>
{
    private const int DrawsForQuantiles = 4000;

    /// <summary>The median of each number of each latent variable.</summary>
    /// <param name="data">The data, or a minibatch of it: local latent variables have its rows.</param>
    /// <returns>Values of shape plates + event.</returns>
    public IReadOnlyDictionary<Latent, Tensor> Median(TData data)
    {
        using var scope = NewDisposeScope();
        return Quantiles(data, 0.5).ToDictionary(site => site.Key, site => site.Value.squeeze(0).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Quantiles of each number of each latent variable: exact for <see cref="AutoNormal{TData}"/> and <see cref="AutoDelta{TData}"/> where
    /// every number of a value comes from one unconstrained number; by 4,000 draws otherwise.
    /// </summary>
    /// <param name="data">The data, or a minibatch of it: local latent variables have its rows.</param>
    /// <param name="probabilities">The probabilities. Range: greater than 0 and less than 1.</param>
    /// <returns>Values of shape probabilities + plates + event.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A probability is out of its range.</exception>
    public IReadOnlyDictionary<Latent, Tensor> Quantiles(TData data, params double[] probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        if (probabilities.Length == 0 || probabilities.Any(probability => !(probability > 0 && probability < 1)))
        {
            throw new ArgumentOutOfRangeException(nameof(probabilities), string.Join(", ", probabilities), "Quantiles need probabilities greater than 0 and less than 1, at least one.");
        }

        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var found = new Dictionary<Latent, Tensor>();
        Trace? draws = null;
        var key = Options.Key.Fold("quantiles");
        Visit(new Run(key, new RunSettings(Layout, IsGuide: true)) { Owner = Identity }, data, (run, site) =>
        {
            var parameters = ScopeOf(site, run);
            var exact = site.IsElementwise && NumbersAt(site, parameters, 0.5) is not null;
            draws ??= exact ? null : Execute(data, key, new RunSettings(Layout, DrawsForQuantiles, Validate: false));
            Func<double, Tensor> at = exact
                ? probability => Monotone(site, NumbersAt(site, parameters, probability)!, NumbersAt(site, parameters, 1 - probability)!)
                : SampleQuantiles.Of(draws![site.Handle].WithoutPlateholders(site.BatchShape.Rank));
            found.Add(site.Handle, stack([.. probabilities.Select(at)]).MoveToOuterDisposeScope());
        });
        return found;
    }

    /// <summary>A quantile of a site's unconstrained numbers; null without a closed form.</summary>
    private protected virtual Tensor? NumbersAt(AutoSite site, AutoScope scope, double probability) => null;

    // A decreasing map, as onto (−∞, b], turns quantiles round.
    private static Tensor Monotone(AutoSite site, Tensor numbers, Tensor opposite)
    {
        var increasing = site.Bijection.Forward(ones_like(numbers)).gt(site.Bijection.Forward(zeros_like(numbers)));
        return site.Bijection.Forward(where(increasing, numbers, opposite));
    }
}
