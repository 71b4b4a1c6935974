namespace ProbVae;

/// <summary>Reparameterization through transforms: the base of a transformed distribution is the latent variable.</summary>
public static class ReparameterizeHandler
{
    /// <summary>
    /// The same model with y = fₙ(… f₁(x)) computed from a latent variable x ~ p, where y has a <see cref="TransformedDistribution"/> of p
    /// by these transforms. A guide samples x in place of y; lambdas read y as before.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable y.</param>
    /// <param name="raw">The handle of x, called <c>y_raw</c>.</param>
    /// <exception cref="ModelException">The model declares no such latent variable, or another handler gives its value.</exception>
    public static Model<TData> Reparameterize<TData>(this Model<TData> model, Latent site, out Latent raw) =>
        model.Recomputed("Reparameterize", site, out raw, (_, distribution) =>
        {
            var transformed = distribution as TransformedDistribution ?? throw new ModelException(
                $"Reparameterize('{site}'): {distribution.Family} is no TransformedDistribution; for a location and a scale use Decenter.");
            var origin = transformed.Transforms.Reverse().Aggregate(transformed.BatchShape + transformed.EventShape, (shape, transform) => transform.InverseShape(shape));
            var batch = origin[..^transformed.Base.EventShape.Rank];
            var prior = transformed.Base.Expand(batch).ToEvent(batch.Rank - transformed.BatchShape.Rank);
            return new Split(prior, ReadsParents: true, x => transformed.Transforms.Aggregate(x, (value, transform) => transform.Forward(value)));
        });

    /// <summary>The model with a latent variable computed from another one, which takes its place in the guide.</summary>
    internal static Model<TData> Recomputed<TData>(this Model<TData> model, string word, Latent site, out Latent raw, Func<Run, Distribution, Split> split)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(site);
        var own = raw = new Latent($"{site.Name}_raw") { Owner = model.Identity };
        var rules = model.Rules.With(word, site, (here, _) => here.Compute(own, split));
        return model.Handled(word, site, rules, declared => declared.WithoutLatent(site).WithLatent(own, declared.PlatesOf(site)));
    }
}
