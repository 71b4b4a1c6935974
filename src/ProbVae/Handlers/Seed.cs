namespace ProbVae;

/// <summary>Seeding: a model whose draws are the same in every run.</summary>
public static class SeedHandler
{
    /// <summary>The same model with all of its own draws from one key, whatever key a run is given. A guide's draws are not the model's.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="model">The model.</param>
    /// <param name="key">Where the draws come from.</param>
    /// <exception cref="ModelException">The model has a seed already.</exception>
    public static Model<TData> Seed<TData>(this Model<TData> model, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Rules.Key is not null
            ? throw new ModelException($"Seed: the model '{model.Name}' has a seed already; seed the model that it was made from.")
            : model.Handled("Seed", null, model.Rules with { Key = key });
    }
}
