namespace MnistVae;

/// <summary>Which of training's options go together: one that would do nothing is refused, not passed over.</summary>
public static class Combinations
{
    /// <param name="isGiven">Whether an option stands on the command line, by its property.</param>
    public static void Check(TrainOptions options, Func<string, bool> isGiven)
    {
        const string schedules = "--schedule cosine or step";
        (string Property, string Name, bool Fits, string Needs)[] needs =
        [
            (nameof(options.Upper), "--upper", options.Structure == Structure.Hierarchical, "--model hierarchical"),
            (nameof(options.Components), "--components", options.Prior is Prior.Mixture or Prior.Vamp, "--prior mixture or vamp"),
            (nameof(options.Noise), "--noise", options.Likelihood is Likelihood.Gaussian or Likelihood.Laplace, "--likelihood gaussian or laplace"),
            (nameof(options.Flows), "--flows", options.Posterior == PosteriorKind.Flow, "--guide flow"),
            (nameof(options.ScheduleSteps), "--schedule-steps", options.Schedule != Schedule.Constant, schedules),
            (nameof(options.ScheduleFactor), "--schedule-factor", options.Schedule != Schedule.Constant, schedules),
        ];
        var idle = needs.FirstOrDefault(need => !need.Fits && isGiven(need.Property));
        string? problem = options switch
        {
            _ when idle.Name is not null => $"{idle.Name} does nothing without {idle.Needs}; give that too, or leave {idle.Name} out.",
            { Prior: Prior.Vamp, Structure: not Structure.Plain } =>
                $"--prior vamp goes with --model plain alone, and --model is {OptionTable.Spell(options.Structure)}; use --prior mixture.",
            { Objective: Objective.Iwae } and ({ KlWeight: not 1 } or { KlWarmUp: not 0 }) =>
                "--kl-weight and --kl-warm-up need an objective with KL terms, and --objective is iwae; leave them out, or use mean-field or trace.",
            { Schedule: not Schedule.Constant, ScheduleSteps: null } =>
                $"--schedule {OptionTable.Spell(options.Schedule)} needs --schedule-steps N: the steps to the end of a cosine, or from one multiplication to the next.",
            { Patience: { } patience, ValidateEvery: null } =>
                $"--patience is {patience}, but nothing is validated; give --validate-every N too, or leave --patience out.",
            { Latent: 1, Posterior: PosteriorKind.Flow } => "--guide flow needs --latent 2 at least: an autoregressive flow of one number sees nothing of it.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new UserError(problem);
        }
    }

    /// <summary>Whether the data has what the model is about.</summary>
    public static void Check(TrainOptions options, DigitData digits)
    {
        if (options.Structure != Structure.Conditional)
        {
            return;
        }

        if (digits.Train.Labels is null)
        {
            throw new UserError($"--model conditional needs labels, and {digits.Source.Name} has none; use --binarize dynamic or none with the idx files of MNIST.");
        }

        // Its pictures show each code in every digit, and a run has no more images at a time than there are to train with.
        int left = Math.Max(0, digits.Train.Count - options.HoldOut);
        if (left < ImageBatch.Classes)
        {
            throw new UserError($"--model conditional needs {ImageBatch.Classes} training images at least, and there are {left}; raise --limit or lower --hold-out.");
        }
    }
}
