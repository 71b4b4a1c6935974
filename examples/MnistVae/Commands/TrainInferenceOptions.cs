namespace MnistVae.Commands;

/// <summary>How train learns, and for how long.</summary>
public sealed class TrainInferenceOptions
{
    public RecordedOption<Objective> Objective { get; } = new(
        OptionFactory.Choice("--objective", "The ELBO with its KL term in closed form, or from the sampled trace, or the importance weighted bound over the particles.", Commands.Objective.MeanField),
        options => options.Objective,
        (options, value) => options with { Objective = value });

    public RecordedOption<int> Particles { get; } = new(
        OptionFactory.Whole("--particles", "Samples of the code for each image and step.", 1, 1, 1000),
        options => options.Particles,
        (options, value) => options with { Particles = value });

    public RecordedOption<double> KlWeight { get; } = new(
        OptionFactory.Real("--kl-weight", "What training multiplies the KL terms with; the ELBO that is shown is never weighted.", 1, 0, 1000),
        options => options.KlWeight,
        (options, value) => options with { KlWeight = value });

    public RecordedOption<int> KlWarmUp { get; } = new(
        OptionFactory.Whole("--kl-warm-up", "Steps in which that weight grows from 0.", 0, 0, 100_000_000),
        options => options.KlWarmUp,
        (options, value) => options with { KlWarmUp = value });

    public RecordedOption<OptimizerKind> Optimizer { get; } = new(
        OptionFactory.Choice("--optimizer", "Takes the gradient steps.", OptimizerKind.Adam),
        options => options.Optimizer,
        (options, value) => options with { Optimizer = value });

    public RecordedOption<double> LearningRate { get; } = new(
        OptionFactory.Real("--learning-rate", "Size of a gradient step.", 0.01, 1e-8, 10),
        options => options.LearningRate,
        (options, value) => options with { LearningRate = value });

    public RecordedOption<Schedule> Schedule { get; } = new(
        OptionFactory.Choice("--schedule", "The learning rate: as it is; down along a cosine to --schedule-factor of it; or multiplied with --schedule-factor again and again.", Commands.Schedule.Constant),
        options => options.Schedule,
        (options, value) => options with { Schedule = value });

    public RecordedOption<int?> ScheduleSteps { get; } = new(
        OptionFactory.WholeOrNone("--schedule-steps", "Steps to the end of the cosine, or from one multiplication to the next.", 1, 100_000_000),
        options => options.ScheduleSteps,
        (options, value) => options with { ScheduleSteps = value });

    public RecordedOption<double> ScheduleFactor { get; } = new(
        OptionFactory.Real("--schedule-factor", "Of the learning rate, with --schedule cosine or step.", 0.1, 0, 1),
        options => options.ScheduleFactor,
        (options, value) => options with { ScheduleFactor = value });

    public RecordedOption<double?> ClipNorm { get; } = new(
        OptionFactory.RealOrNone("--clip-norm", "Greatest norm of the gradient of the loss an image; a longer one is shortened to it.", 1e-8, 1e12),
        options => options.ClipNorm,
        (options, value) => options with { ClipNorm = value });

    public RecordedOption<int> Epochs { get; } = new(
        OptionFactory.Whole("--epochs", "Passes over the training images.", 5, 1, TrainOptionTable.MostEpochs),
        options => options.Epochs,
        (options, value) => options with { Epochs = value });

    public RecordedOption<int?> Steps { get; } = new(
        OptionFactory.WholeOrNone("--steps", "At most so many gradient steps; without --epochs they alone decide.", 1, 100_000_000),
        options => options.Steps,
        (options, value) => options with { Steps = value });

    public RecordedOption<int> Batch { get; } = new(
        CommonOptions.Batch("Images in a gradient step."),
        options => options.Batch,
        (options, value) => options with { Batch = value });

    public RecordedOption<int?> ValidateEvery { get; } = new(
        OptionFactory.WholeOrNone("--validate-every", "Steps between two measurements of the validation images; the best checkpoint is kept.", 1, 100_000_000),
        options => options.ValidateEvery,
        (options, value) => options with { ValidateEvery = value });

    public RecordedOption<int?> Patience { get; } = new(
        OptionFactory.WholeOrNone("--patience", "Ends training after so many validations in a row that were no better than the best; needs --validate-every.", 1, 1_000_000),
        options => options.Patience,
        (options, value) => options with { Patience = value });

    /// <summary>All of them, as the help page has them.</summary>
    public IReadOnlyList<RecordedOption> All => [Objective, Particles, KlWeight, KlWarmUp, Optimizer, LearningRate, Schedule, ScheduleSteps, ScheduleFactor, ClipNorm, Epochs, Steps, Batch, ValidateEvery, Patience];
}
