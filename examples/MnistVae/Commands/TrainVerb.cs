using System.CommandLine;
using System.Globalization;
using MnistVae.Data;
using MnistVae.Runs;

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
    private readonly Option<int> batch = CommonOptions.Batch("Images in a gradient step.");
    private readonly Option<string> run = CommonOptions.Run("Folder for the record, the history, the checkpoint and the pictures.");
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

    // What may differ when a run is resumed is not in this list: epochs, steps, data folder, device and threads.
    private (Option Option, Func<TrainOptions, string> Value)[] Settled() =>
    [
        (binarize, options => OptionFactory.Spell(options.Binarize)),
        (limit, options => options.Limit?.ToString(CultureInfo.InvariantCulture) ?? "not set"),
        (holdOut, options => options.HoldOut.ToString(CultureInfo.InvariantCulture)),
        (structure, options => OptionFactory.Spell(options.Structure)),
        (network, options => OptionFactory.Spell(options.Network)),
        (upper, options => options.Upper.ToString(CultureInfo.InvariantCulture)),
        (components, options => options.Components.ToString(CultureInfo.InvariantCulture)),
        (noise, options => OptionFactory.Spell(options.Noise)),
        (latent, options => options.Latent.ToString(CultureInfo.InvariantCulture)),
        (hidden, options => string.Join(',', options.Hidden)),
        (activation, options => OptionFactory.Spell(options.Activation)),
        (prior, options => OptionFactory.Spell(options.Prior)),
        (likelihood, options => OptionFactory.Spell(options.Likelihood)),
        (posterior, options => OptionFactory.Spell(options.Posterior)),
        (flows, options => options.Flows.ToString(CultureInfo.InvariantCulture)),
        (objective, options => OptionFactory.Spell(options.Objective)),
        (particles, options => options.Particles.ToString(CultureInfo.InvariantCulture)),
        (klWeight, options => options.KlWeight.ToString(CultureInfo.InvariantCulture)),
        (klWarmUp, options => options.KlWarmUp.ToString(CultureInfo.InvariantCulture)),
        (optimizer, options => OptionFactory.Spell(options.Optimizer)),
        (learningRate, options => options.LearningRate.ToString(CultureInfo.InvariantCulture)),
        (validateEvery, options => options.ValidateEvery?.ToString(CultureInfo.InvariantCulture) ?? "not set"),
        (batch, options => options.Batch.ToString(CultureInfo.InvariantCulture)),
        (seed, options => options.Seed.ToString(CultureInfo.InvariantCulture)),
    ];

    private OptionGroup[] Groups() =>
    [
        new("Data", data, binarize, limit, holdOut),
        new("Model", structure, network, latent, upper, hidden, activation, prior, components, likelihood, noise, posterior, flows),
        new("Inference", objective, particles, klWeight, klWarmUp, optimizer, learningRate, epochs, steps, batch, validateEvery),
        new("Run", run, resume, overwrite, seed, device, threads),
    ];

    private static Example[] Examples() =>
    [
        new("train", "Train with the defaults, on whatever data is to be had."),
        new("train --data ~/data --binarize static --epochs 100", "Train on the static binarized MNIST of a folder."),
        new("train --hidden 400,200 --latent 50 --learning-rate 0.001 --run runs/deep", "Train a deeper model in a folder of its own."),
        new("train --run runs/deep --resume --epochs 200", "Go on with it until epoch 200."),
    ];

    private TrainOptions Bind(ParseResult parsed) => new(
        CommonOptions.Full(parsed.GetValue(data)),
        parsed.GetValue(binarize),
        parsed.GetValue(limit),
        parsed.GetValue(latent),
        parsed.GetValue(hidden)!,
        parsed.GetValue(activation),
        parsed.GetValue(prior),
        parsed.GetValue(likelihood),
        parsed.GetValue(objective),
        parsed.GetValue(particles),
        parsed.GetValue(optimizer),
        parsed.GetValue(learningRate),
        parsed.GetValue(steps) is not null && !IsGiven(parsed, epochs) ? MostEpochs : parsed.GetValue(epochs),
        parsed.GetValue(batch),
        parsed.GetValue(seed),
        parsed.GetValue(device),
        parsed.GetValue(threads),
        parsed.GetValue(steps),
        parsed.GetValue(validateEvery),
        parsed.GetValue(holdOut),
        parsed.GetValue(posterior),
        parsed.GetValue(flows),
        parsed.GetValue(structure),
        parsed.GetValue(network),
        parsed.GetValue(noise),
        parsed.GetValue(components),
        parsed.GetValue(upper),
        parsed.GetValue(klWeight),
        parsed.GetValue(klWarmUp));

    private Task RunAsync(ParseResult parsed, CommandContext context)
    {
        bool resumes = parsed.GetValue(resume);
        if (resumes && parsed.GetValue(overwrite))
        {
            throw new UserError("--resume and --overwrite contradict each other; give one of them.");
        }

        return resumes ? ResumeAsync(parsed, context) : StartAsync(parsed, context);
    }

    private async Task StartAsync(ParseResult parsed, CommandContext context)
    {
        var options = Bind(parsed);
        Combinations.Check(options, option => IsGiven(parsed, option), (upper, components, noise, flows));
        string folder = parsed.GetValue(run)!;
        bool replaces = parsed.GetValue(overwrite);
        RunFolder.EnsureFree(folder, replaces);
        var digits = Split(await RunData.LoadAsync(options.Data, options.Binarize, options.Limit, locations, context).ConfigureAwait(false), options);
        var started = RunFolder.Create(folder, RunRecord.Start(options, digits.Source), replaces);
        commands.Train(options, digits, started, resume: false, context);
    }

    private async Task ResumeAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = Merge(parsed, opened);
        var digits = Split(await RunData.LoadAsync(opened, options.Data, options.Limit, locations, context).ConfigureAwait(false), options);
        if (!digits.Source.HasSameImages(opened.Record.Data))
        {
            throw new UserError($"The run in {opened.Folder} was trained on {RunData.Describe(opened.Record.Data)}, but {RunData.Describe(digits.Source)} was found; name the run's data with --data.");
        }

        commands.Train(options, digits, opened, resume: true, context);
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
        foreach (var (option, value) in Settled())
        {
            if (IsGiven(parsed, option) && value(given) != value(recorded))
            {
                throw new UserError($"{option.Name} is {value(given)}, but the run in {opened.Folder} was started with {value(recorded)}; leave {option.Name} out or start a new run.");
            }
        }

        return recorded with
        {
            Data = IsGiven(parsed, data) ? given.Data : recorded.Data,
            Epochs = IsGiven(parsed, epochs) ? given.Epochs : IsGiven(parsed, steps) ? given.Epochs : recorded.Epochs,
            Steps = IsGiven(parsed, steps) ? given.Steps : IsGiven(parsed, epochs) ? null : recorded.Steps,
            Device = IsGiven(parsed, device) ? given.Device : recorded.Device,
            Threads = IsGiven(parsed, threads) ? given.Threads : recorded.Threads,
        };
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
