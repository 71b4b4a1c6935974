namespace ProbVae;

/// <summary>Blocking: a latent variable that inference does not see.</summary>
public static class BlockHandler
{
    /// <summary>
    /// The same model with a latent variable that each run draws from its prior, and that is in no density: a guide must leave it out,
    /// and the ELBO is averaged over its draws.
    /// </summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="site">The latent variable.</param>
    /// <exception cref="ModelException">The model declares no such latent variable, or another handler gives its value.</exception>
    public static Model<TData> Block<TData>(this Model<TData> model, Latent site) =>
        model.Ruled("Block", site, null, covered: false, (here, _) => here.DrawHidden());
}
