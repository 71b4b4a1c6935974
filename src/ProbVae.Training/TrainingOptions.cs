namespace ProbVae.Training;

/// <summary>How long a training goes on, what it measures, and how much a kill can lose.</summary>
/// <typeparam name="TData">The model's data.</typeparam>
public sealed record TrainingOptions<TData>
{
    /// <summary>Passes over the data at most. One of this and <see cref="Steps"/> is needed. Range: at least 1.</summary>
    public long? Passes { get; init; }

    /// <summary>Gradient steps at most. Range: at least 1.</summary>
    public long? Steps { get; init; }

    /// <summary>What is measured every <see cref="ValidateEvery"/> steps and after the last; the best checkpoint is kept in a file of its own.</summary>
    public Minibatches<TData>? Validation { get; init; }

    /// <summary>Steps between two measurements of <see cref="Validation"/>. Range: at least 1.</summary>
    public long ValidateEvery { get; init; } = 1000;

    /// <summary>Ends training after so many validations in a row that were no better than the best; never unless given. Range: at least 1.</summary>
    public int? Patience { get; init; }

    /// <summary>What is measured after each pass, to be looked at alone.</summary>
    public Minibatches<TData>? Test { get; init; }

    /// <summary>How much time may pass between two checkpoints, which is what a kill can lose; 0 writes one after each step.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The bound that training is about: the ELBO, whatever weight its KL terms have in the loss. For an importance weighted bound give <c>step => -step.Loss</c>.</summary>
    public Func<SviStep, double> Bound { get; init; } = step => step.Elbo;

    /// <summary>Steps of a pass from one measurement of the gradient's norm to the next, from its first on; never where null. Range: at least 1.</summary>
    public int? GradientNormEvery { get; init; } = 10;

    /// <summary>The clock for checkpoints.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void ThrowIfImpossible()
    {
        if (Passes is null && Steps is null)
        {
            throw new ArgumentException("Training has no end: give Passes, Steps or both.");
        }

        foreach (var (name, value) in new (string, long?)[] { (nameof(Passes), Passes), (nameof(Steps), Steps), (nameof(ValidateEvery), ValidateEvery), (nameof(Patience), Patience), (nameof(GradientNormEvery), GradientNormEvery) })
        {
            if (value < 1)
            {
                throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 1.");
            }
        }

        if (Patience is not null && Validation is null)
        {
            throw new ArgumentException("Patience is about the validation data, and there are none; give Validation.");
        }
    }
}
