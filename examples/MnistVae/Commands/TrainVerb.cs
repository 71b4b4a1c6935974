using System.CommandLine;
using System.Globalization;
using MnistVae.Data;
using MnistVae.Runs;
using ProbVae;

namespace MnistVae.Commands;

/// <summary>The verb <c>train</c>.</summary>
public sealed class TrainVerb
{
    private const int MostEpochs = 100_000;

    private readonly Option<string?> data = CommonOptions.Data($"{DataLocations.Variable}, the cache, a download, or digits drawn by the program");
    private readonly Option<Binarization> binarize = OptionFactory.Choice("--binarize", "Pixels as zeros and ones drawn anew each epoch, drawn once and for all, or left grey.", Binarization.Dynamic);
    private readonly Option<int?> limit = CommonOptions.Limit();
    private readonly Option<int> holdOut = OptionFactory.Whole("--hold-out", "Training images, the last ones, to keep as validation images where the data has none.", 0, 0, 1_000_000);
    private readonly Option<Structure> structure = OptionFactory.Choice("--model", "One code an image; one code and the label; or two codes, one above the other.", Structure.Plain);
    private readonly Option<Network> network = OptionFactory.Choice("--network", "Linear layers alone, or convolutions next to the image.", Network.Dense);
    private readonly Option<int> latent = OptionFactory.Whole("--latent", "Dimensions of the latent code.", 10, 1, 4096);
    private readonly Option<int> upper = OptionFactory.Whole("--upper", "Dimensions of the upper code, with --model hierarchical.", 10, 1, 4096);
    private readonly Option<int[]> hidden = OptionFactory.Wholes("--hidden", "Widths of the encoder's hidden layers; the decoder has them in reverse.", [200], 1, 16_384, 8);
    private readonly Option<Activation> activation = OptionFactory.Choice("--activation", "Between the layers.", Activation.Relu);
    private readonly Option<Prior> prior = OptionFactory.Choice("--prior", "Of the latent code: Normal(0, 1), Normal(1, 2), Laplace(0, 1), a learnt mixture of Normals, or one of posteriors at learnt pseudo-images.", Prior.Standard);
    private readonly Option<int> components = OptionFactory.Whole("--components", "Of the prior, with --prior mixture or vamp.", 20, 1, 10_000);
    private readonly Option<Likelihood> likelihood = OptionFactory.Choice("--likelihood", "Of a pixel, given the code.", Likelihood.Bernoulli);
    private readonly Option<Noise> noise = OptionFactory.Choice("--noise", "Scale of a pixel, with --likelihood gaussian or laplace: 0.1, one number learnt, or one learnt for each pixel.", Noise.Fixed);
    private readonly Option<PosteriorKind> posterior = OptionFactory.Choice("--guide", "Of the code, given the image: a Normal, or a Normal through inverse autoregressive flows.", PosteriorKind.MeanField);
    private readonly Option<int> flows = OptionFactory.Whole("--flows", "How many flows, with --guide flow.", 2, 1, 64);
    private readonly Option<Objective> objective = OptionFactory.Choice("--objective", "The ELBO with its KL term in closed form, or from the sampled trace, or the importance weighted bound over the particles.", Objective.MeanField);
    private readonly Option<double> klWeight = OptionFactory.Real("--kl-weight", "What training multiplies the KL terms with; the ELBO that is shown is never weighted.", 1, 0, 1000);
    private readonly Option<int> klWarmUp = OptionFactory.Whole("--kl-warm-up", "Steps in which that weight grows from 0.", 0, 0, 100_000_000);
    private readonly Option<int> particles = OptionFactory.Whole("--particles", "Samples of the code for each image and step.", 1, 1, 1000);
    private readonly Option<OptimizerKind> optimizer = OptionFactory.Choice("--optimizer", "Takes the gradient steps.", OptimizerKind.Adam);
    private readonly Option<double> learningRate = OptionFactory.Real("--learning-rate", "Size of a gradient step.", 0.01, 1e-8, 10);
    private readonly Option<int> epochs = OptionFactory.Whole("--epochs", "Passes over the training images.", 5, 1, MostEpochs);
    private readonly Option<int?> steps = OptionFactory.WholeOrNone("--steps", "At most so many gradient steps; without --epochs they alone decide.", 1, 100_000_000);
    private readonly Option<int?> validateEvery = OptionFactory.WholeOrNone("--validate-every", "Steps between two measurements of the validation images; the best checkpoint is kept.", 1, 100_000_000);
    private readonly Option<int?> patience = OptionFactory.WholeOrNone("--patience", "Ends training after so many validations in a row that were no better than the best; needs --validate-every.", 1, 1_000_000);
    private readonly Option<Schedule> schedule = OptionFactory.Choice("--schedule", "The learning rate: as it is; down along a cosine to --schedule-factor of it; or multiplied with --schedule-factor again and again.", Schedule.Constant);
    private readonly Option<int?> scheduleSteps = OptionFactory.WholeOrNone("--schedule-steps", "Steps to the end of the cosine, or from one multiplication to the next.", 1, 100_000_000);
    private readonly Option<double> scheduleFactor = OptionFactory.Real("--schedule-factor", "Of the learning rate, with --schedule cosine or step.", 0.1, 0, 1);
    private readonly Option<double?> clipNorm = OptionFactory.RealOrNone("--clip-norm", "Greatest norm of the gradient of the loss an image; a longer one is shortened to it.", 1e-8, 1e12);
    private readonly Option<int> batch = CommonOptions.Batch("Images in a gradient step.");
    private readonly Option<string> run = CommonOptions.Run("Folder for the record, the history, the checkpoint and the pictures.");
    private readonly Option<string?> config = OptionFactory.PathOrNone("--config", "FILE", "Options from a JSON file, such as the run.json of a run, which starts the same run again; those on the command line go first.");
    private readonly Option<double> checkpointMinutes = OptionFactory.Real("--checkpoint-minutes", "Time between two checkpoints at most, which is what a kill can lose; 0 writes one after each step.", 5, 0, 1440);
    private readonly Option<int> prefetch = OptionFactory.Whole("--prefetch", "Batches to make on another thread while a step runs; the results are the same.", 0, 0, 64);
    private readonly Option<bool> resume = OptionFactory.Flag("--resume", "Go on from the run's checkpoint, with the run's own options.");
    private readonly Option<bool> overwrite = OptionFactory.Flag("--overwrite", "Remove the files of the run that lies in the folder, and start anew.");
    private readonly Option<long> seed = OptionFactory.Seed("Decides shuffling, starting weights and all samples.");
    private readonly Option<DeviceKind> device = CommonOptions.Device();
    private readonly Option<int> threads = CommonOptions.Threads();

    private readonly IVaeCommands commands;
    private readonly DataLocations locations;

    private TrainVerb(IVaeCommands commands, DataLocations locations)
    {
        this.commands = commands;
        this.locations = locations;
    }

    public static Verb Of(IVaeCommands commands, DataLocations locations)
    {
        var verb = new TrainVerb(commands, locations);
        return new Verb("train", "Train a variational autoencoder on handwritten digits.", verb.Groups(), Examples(), verb.RunAsync);
    }

    // Every option that a run's record has, as it is written on the command line; null where it is not set.
    private (Option Option, Func<TrainOptions, string?> Value)[] Recorded() =>
    [
        (data, options => options.Data),
        (binarize, options => OptionFactory.Spell(options.Binarize)),
        (limit, options => Text(options.Limit)),
        (holdOut, options => Text(options.HoldOut)),
        (structure, options => OptionFactory.Spell(options.Structure)),
        (network, options => OptionFactory.Spell(options.Network)),
        (upper, options => Text(options.Upper)),
        (components, options => Text(options.Components)),
        (noise, options => OptionFactory.Spell(options.Noise)),
        (latent, options => Text(options.Latent)),
        (hidden, options => string.Join(',', options.Hidden)),
        (activation, options => OptionFactory.Spell(options.Activation)),
        (prior, options => OptionFactory.Spell(options.Prior)),
        (likelihood, options => OptionFactory.Spell(options.Likelihood)),
        (posterior, options => OptionFactory.Spell(options.Posterior)),
        (flows, options => Text(options.Flows)),
        (objective, options => OptionFactory.Spell(options.Objective)),
        (particles, options => Text(options.Particles)),
        (klWeight, options => Text(options.KlWeight)),
        (klWarmUp, options => Text(options.KlWarmUp)),
        (optimizer, options => OptionFactory.Spell(options.Optimizer)),
        (learningRate, options => Text(options.LearningRate)),
        (schedule, options => OptionFactory.Spell(options.Schedule)),
        (scheduleSteps, options => Text(options.ScheduleSteps)),
        (scheduleFactor, options => Text(options.ScheduleFactor)),
        (clipNorm, options => Text(options.ClipNorm)),
        (epochs, options => Text(options.Epochs)),
        (steps, options => Text(options.Steps)),
        (validateEvery, options => Text(options.ValidateEvery)),
        (patience, options => Text(options.Patience)),
        (batch, options => Text(options.Batch)),
        (checkpointMinutes, options => Text(options.CheckpointMinutes)),
        (prefetch, options => Text(options.Prefetch)),
        (seed, options => Text(options.Seed)),
        (device, options => OptionFactory.Spell(options.Device)),
        (threads, options => Text(options.Threads)),
    ];

    // What may differ when a run is resumed: how long it goes on, and where and how often things happen, but not what is computed.
    private Option[] Changeable() => [data, epochs, steps, patience, checkpointMinutes, prefetch, device, threads];

    private OptionGroup[] Groups() =>
    [
        new("Data", data, binarize, limit, holdOut),
        new("Model", structure, network, latent, upper, hidden, activation, prior, components, likelihood, noise, posterior, flows),
        new("Inference", objective, particles, klWeight, klWarmUp, optimizer, learningRate, schedule, scheduleSteps, scheduleFactor, clipNorm, epochs, steps, batch, validateEvery, patience),
        new("Run", run, config, checkpointMinutes, prefetch, resume, overwrite, seed, device, threads),
    ];

    private static Example[] Examples() =>
    [
        new("train", "Train with the defaults, on whatever data is to be had."),
        new("train --data ~/data --binarize static --epochs 100", "Train on the static binarized MNIST of a folder."),
        new("train --hidden 400,200 --latent 50 --learning-rate 0.001 --run runs/deep", "Train a deeper model in a folder of its own."),
        new("train --run runs/deep --resume --epochs 200", "Go on with it until epoch 200."),
        new("train --config runs/deep/run.json --seed 1 --run runs/again", "Train the same model in the same way from another seed."),
    ];

    // The options of the command line and, where it does not have one, those of a record or else the defaults.
    private TrainOptions Bind(ParseResult parsed, TrainOptions? recorded = null)
    {
        // Each of the two says how long a run is, so either takes the place of both.
        bool hasEpochs = IsGiven(parsed, epochs), hasSteps = IsGiven(parsed, steps);
        return new(
            recorded is null || IsGiven(parsed, data) ? CommonOptions.Full(parsed.GetValue(data)) : recorded.Data,
            Of(binarize, options => options.Binarize),
            Of(limit, options => options.Limit),
            Of(latent, options => options.Latent),
            Of(hidden, options => [.. options.Hidden]),
            Of(activation, options => options.Activation),
            Of(prior, options => options.Prior),
            Of(likelihood, options => options.Likelihood),
            Of(objective, options => options.Objective),
            Of(particles, options => options.Particles),
            Of(optimizer, options => options.Optimizer),
            Of(learningRate, options => options.LearningRate),
            hasSteps && !hasEpochs ? MostEpochs : Of(epochs, options => options.Epochs),
            Of(batch, options => options.Batch),
            Of(seed, options => options.Seed),
            Of(device, options => options.Device),
            Of(threads, options => options.Threads),
            hasEpochs && !hasSteps ? null : Of(steps, options => options.Steps),
            Of(validateEvery, options => options.ValidateEvery),
            Of(holdOut, options => options.HoldOut),
            Of(posterior, options => options.Posterior),
            Of(flows, options => options.Flows),
            Of(structure, options => options.Structure),
            Of(network, options => options.Network),
            Of(noise, options => options.Noise),
            Of(components, options => options.Components),
            Of(upper, options => options.Upper),
            Of(klWeight, options => options.KlWeight),
            Of(klWarmUp, options => options.KlWarmUp),
            Of(schedule, options => options.Schedule),
            Of(scheduleSteps, options => options.ScheduleSteps),
            Of(scheduleFactor, options => options.ScheduleFactor),
            Of(clipNorm, options => options.ClipNorm),
            Of(patience, options => options.Patience),
            Of(checkpointMinutes, options => options.CheckpointMinutes),
            Of(prefetch, options => options.Prefetch));

        T Of<T>(Option<T> option, Func<TrainOptions, T> value) => recorded is null || IsGiven(parsed, option) ? parsed.GetValue(option)! : value(recorded);
    }

    private Task RunAsync(ParseResult parsed, CommandContext context)
    {
        bool resumes = parsed.GetValue(resume);
        if (resumes && parsed.GetValue(overwrite))
        {
            throw new UserError("--resume and --overwrite contradict each other; give one of them.");
        }

        if (resumes && parsed.GetValue(config) is not null)
        {
            throw new UserError("--resume and --config contradict each other, as a resumed run has its own options; give one of them.");
        }

        return resumes ? ResumeAsync(parsed, context) : StartAsync(parsed, context);
    }

    private async Task StartAsync(ParseResult parsed, CommandContext context)
    {
        var file = parsed.GetValue(config) is { } path ? ConfigFile.Read(path, Bind(NothingGiven()), Check) : null;
        var options = Bind(parsed, file?.Options);
        Combine(parsed, options);
        string folder = parsed.GetValue(run)!;
        bool replaces = parsed.GetValue(overwrite);
        RunFolder.EnsureFree(folder, replaces);
        var digits = Split(await RunData.LoadAsync(file?.Data, options.Data, options.Binarize, options.Limit, locations, context).ConfigureAwait(false), options);
        Option[] ofData = [data, binarize, limit, holdOut];
        if (file?.Data is { } recorded && !ofData.Any(option => IsGiven(parsed, option)) && !digits.Source.HasSameImages(recorded))
        {
            throw new UserError($"--config's file {file.Path} is of a run on {RunData.Describe(recorded)}, but {RunData.Describe(digits.Source)} was found; name the data with --data.");
        }

        var started = RunFolder.Create(folder, RunRecord.Start(options, digits.Source), replaces);
        try
        {
            commands.Train(options, digits, started, resume: false, context);
        }
        catch (Exception failure) when (failure is UserError or ModelException && !started.HoldsMore)
        {
            // A run that came to nothing is not to stand in the way of the next try.
            started.Discard();
            throw;
        }
    }

    private async Task ResumeAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = Merge(parsed, opened);
        Combine(parsed, options);
        var digits = Split(await RunData.LoadAsync(opened, options.Data, options.Limit, locations, context).ConfigureAwait(false), options);
        if (!digits.Source.HasSameImages(opened.Record.Data))
        {
            throw new UserError($"The run in {opened.Folder} was trained on {RunData.Describe(opened.Record.Data)}, but {RunData.Describe(digits.Source)} was found; name the run's data with --data.");
        }

        opened.RemoveUnfinished();
        commands.Train(options, digits, opened, resume: true, context);
    }

    private void Combine(ParseResult parsed, TrainOptions options) =>
        Combinations.Check(options, option => IsGiven(parsed, option), new(upper, components, noise, flows, scheduleSteps, scheduleFactor));

    // A file's values go through the same checks as the command line's, with the same sentences.
    private string? Check(TrainOptions options)
    {
        var written = Recorded().Select(row => (row.Option.Name, Value: row.Value(options))).Where(row => row.Value is not null);
        var parsed = CommandOfAll().Parse([.. written.SelectMany(row => (string[])[row.Name, row.Value!])], new ParserConfiguration { ResponseFileTokenReplacer = null });
        return parsed.Errors.Count == 0 ? null : parsed.Errors[0].Message;
    }

    private ParseResult NothingGiven() => CommandOfAll().Parse([]);

    private Command CommandOfAll()
    {
        var command = new Command("options");
        foreach (var (option, _) in Recorded())
        {
            command.Options.Add(option);
        }

        return command;
    }

    private static DigitData Split(DigitData digits, TrainOptions options)
    {
        Combinations.Check(options, digits);
        var split = Digits.HoldOut(digits, options.HoldOut);
        return options.ValidateEvery is null || split.Validation is not null
            ? split
            : throw new UserError($"--validate-every is {options.ValidateEvery}, but {split.Source.Name} has no validation images; keep some training images for it with --hold-out N.");
    }

    private TrainOptions Merge(ParseResult parsed, RunFolder opened)
    {
        var given = Bind(parsed);
        var recorded = opened.Record.Options;
        foreach (var (option, value) in Recorded().ExceptBy(Changeable(), row => row.Option))
        {
            if (IsGiven(parsed, option) && value(given) != value(recorded))
            {
                throw new UserError($"{option.Name} is {value(given)}, but the run in {opened.Folder} was started with {value(recorded) ?? "not set"}; leave {option.Name} out or start a new run.");
            }
        }

        return Bind(parsed, recorded);
    }

    private static string? Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
