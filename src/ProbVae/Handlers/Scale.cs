using System.Globalization;

namespace ProbVae;

/// <summary>Scaling: log densities that count more or less.</summary>
public static class ScaleHandler
{
    /// <summary>
    /// The same model with one site's term multiplied: an observation's log likelihood, a latent variable's KL term. Plates scale a
    /// minibatch to the whole data already.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The site.</param>
    /// <param name="factor">The factor. Range: greater than 0, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is out of its range.</exception>
    /// <exception cref="ModelException">The model declares no such site, or it is scaled already.</exception>
    public static Model<TData> Scale<TData>(this Model<TData> model, SiteHandle site, double factor)
    {
        ArgumentNullException.ThrowIfNull(model);
        WithHandler.RequireDistribution("Scale", site);
        Require(factor, $"Scale('{site}'");
        return model.Rules.Weights.TryGetValue(site, out var earlier)
            ? throw Twice($"Scale('{site}'", "that site", earlier, factor)
            : model.Handled("Scale", site, model.Rules with { Weights = model.Rules.Weights.Add(site, factor) });
    }

    /// <summary>The same model with the terms of all sites multiplied, beside what single sites have of their own: the ELBO times a factor.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="factor">The factor. Range: greater than 0, finite.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> is out of its range.</exception>
    /// <exception cref="ModelException">All sites are scaled already.</exception>
    public static Model<TData> Scale<TData>(this Model<TData> model, double factor)
    {
        ArgumentNullException.ThrowIfNull(model);
        Require(factor, "Scale(");
        return model.Rules.Everywhere is { } earlier
            ? throw Twice("Scale(", "every site", earlier, factor)
            : model.Handled("Scale", null, model.Rules with { Everywhere = factor });
    }

    private static void Require(double factor, string call)
    {
        if (!(factor > 0 && double.IsFinite(factor)))
        {
            throw new ArgumentOutOfRangeException(nameof(factor), string.Create(
                CultureInfo.InvariantCulture, $"{call}{(call.EndsWith('(') ? "" : ", ")}{factor}): the factor must be greater than 0 and finite; to leave elements out, use Mask."));
        }
    }

    private static ModelException Twice(string call, string what, double earlier, double factor) => new(string.Create(
        CultureInfo.InvariantCulture, $"{call}{(call.EndsWith('(') ? "" : ", ")}{factor:G6}): {what} is scaled by {earlier:G6} already; if both are meant, multiply the two factors and call Scale once."));
}
