namespace ProbVae.Training;

/// <summary>Where a long training begins.</summary>
public static class TrainingLoop
{
    /// <summary>Joins an inference and its data; nothing is read or written yet.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="svi">The inference.</param>
    /// <param name="data">The minibatches.</param>
    /// <param name="folder">Where the checkpoints go; one that is there is replaced unless <see cref="TrainingLoop{TData}.Resume"/> is called.</param>
    /// <param name="options">How long, what is measured, how often it is kept.</param>
    /// <exception cref="ArgumentException">The options do not go together, or one is out of its range.</exception>
    public static TrainingLoop<TData> For<TData>(Svi<TData> svi, Minibatches<TData> data, TrainingFolder folder, TrainingOptions<TData> options) => new(svi, data, folder, options);
}
