using System.CommandLine;
using MnistVae.Data;

namespace MnistVae.Commands;

/// <summary>Options that do nothing without a certain value of another.</summary>
public sealed record DependentOptions(Option Upper, Option Components, Option Noise, Option Flows, Option ScheduleSteps, Option ScheduleFactor);

/// <summary>Which of training's options go together: one that would do nothing is refused, not passed over.</summary>
public static class Combinations
{
    /// <param name="isGiven">Whether an option stands on the command line.</param>
    /// <param name="named">Options that need another.</param>
    public static void Check(TrainOptions options, Func<Option, bool> isGiven, DependentOptions named)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(isGiven);
        (Option Option, bool Fits, string Needs)[] needs =
        [
            (named.Upper, options.Structure == Structure.Hierarchical, "--model hierarchical"),
            (named.Components, options.Prior is Prior.Mixture or Prior.Vamp, "--prior mixture or vamp"),
            (named.Noise, options.Likelihood is Likelihood.Gaussian or Likelihood.Laplace, "--likelihood gaussian or laplace"),
            (named.Flows, options.Posterior == PosteriorKind.Flow, "--guide flow"),
            (named.ScheduleSteps, options.Schedule != Schedule.Constant, "--schedule cosine or step"),
            (named.ScheduleFactor, options.Schedule != Schedule.Constant, "--schedule cosine or step"),
        ];
        foreach (var (option, _, other) in needs.Where(need => !need.Fits && isGiven(need.Option)))
        {
            throw new UserError($"{option.Name} does nothing without {other}; give that too, or leave {option.Name} out.");
        }

        if (options.Prior == Prior.Vamp && options.Structure != Structure.Plain)
        {
            throw new UserError($"--prior vamp goes with --model plain alone, and --model is {OptionFactory.Spell(options.Structure)}; use --prior mixture.");
        }

        if (options.Objective == Objective.Iwae && (options.KlWeight != 1 || options.KlWarmUp != 0))
        {
            throw new UserError("--kl-weight and --kl-warm-up need an objective with KL terms, and --objective is iwae; leave them out, or use mean-field or trace.");
        }

        if (options.Schedule != Schedule.Constant && options.ScheduleSteps is null)
        {
            throw new UserError($"--schedule {OptionFactory.Spell(options.Schedule)} needs --schedule-steps N: the steps to the end of a cosine, or from one multiplication to the next.");
        }

        if (options.Patience is { } patience && options.ValidateEvery is null)
        {
            throw new UserError($"--patience is {patience}, but nothing is validated; give --validate-every N too, or leave --patience out.");
        }

        if (options.Latent == 1 && options.Posterior == PosteriorKind.Flow)
        {
            throw new UserError("--guide flow needs --latent 2 at least: an autoregressive flow of one number sees nothing of it.");
        }
    }

    /// <summary>Whether the data has what the model is about.</summary>
    public static void Check(TrainOptions options, DigitData digits)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(digits);
        if (options.Structure == Structure.Conditional && !digits.Train.HasLabels)
        {
            throw new UserError($"--model conditional needs labels, and {digits.Source.Name} has none; use --binarize dynamic or none with the idx files of MNIST.");
        }

        // Its pictures show each code in every digit, and a run has no more images at a time than there are to train with.
        if (options.Structure == Structure.Conditional && digits.Train.Count - options.HoldOut < ImageBatch.Classes)
        {
            throw new UserError($"--model conditional needs {ImageBatch.Classes} training images at least, and there are {Math.Max(0, digits.Train.Count - options.HoldOut)}; raise --limit or lower --hold-out.");
        }
    }
}
