using System.CommandLine;
using System.Globalization;
using MnistVae.Data;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The verb <c>train</c>.</summary>
public sealed class TrainVerb
{
    private readonly Option<string?> data = CommonOptions.Data($"{DataLocations.Variable}, the cache, a download, or digits drawn by the program");
    private readonly Option<Binarization> binarize = OptionFactory.Choice("--binarize", "Pixels as zeros and ones drawn anew each epoch, drawn once and for all, or left grey.", Binarization.Dynamic);
    private readonly Option<int?> limit = CommonOptions.Limit();
    private readonly Option<int> latent = OptionFactory.Whole("--latent", "Dimensions of the latent code.", 10, 1, 4096);
    private readonly Option<int[]> hidden = OptionFactory.Wholes("--hidden", "Widths of the encoder's hidden layers; the decoder has them in reverse.", [200], 1, 16_384, 8);
    private readonly Option<Activation> activation = OptionFactory.Choice("--activation", "Between the layers.", Activation.Relu);
    private readonly Option<Prior> prior = OptionFactory.Choice("--prior", "Of the latent code.", Prior.Standard);
    private readonly Option<Likelihood> likelihood = OptionFactory.Choice("--likelihood", "Of a pixel, given the code.", Likelihood.Bernoulli);
    private readonly Option<Objective> objective = OptionFactory.Choice("--objective", "The KL term in closed form, or estimated from the sampled trace.", Objective.MeanField);
    private readonly Option<int> particles = OptionFactory.Whole("--particles", "Samples of the code for each image and step.", 1, 1, 1000);
    private readonly Option<OptimizerKind> optimizer = OptionFactory.Choice("--optimizer", "Takes the gradient steps.", OptimizerKind.Adam);
    private readonly Option<double> learningRate = OptionFactory.Real("--learning-rate", "Size of a gradient step.", 0.01, 1e-8, 10);
    private readonly Option<int> epochs = OptionFactory.Whole("--epochs", "Passes over the training images.", 5, 1, 100_000);
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

    // What may differ when a run is resumed is not in this list: epochs, data folder, device and threads.
    private (Option Option, Func<TrainOptions, string> Value)[] Settled() =>
    [
        (binarize, options => OptionFactory.Spell(options.Binarize)),
        (limit, options => options.Limit?.ToString(CultureInfo.InvariantCulture) ?? "not set"),
        (latent, options => options.Latent.ToString(CultureInfo.InvariantCulture)),
        (hidden, options => string.Join(',', options.Hidden)),
        (activation, options => OptionFactory.Spell(options.Activation)),
        (prior, options => OptionFactory.Spell(options.Prior)),
        (likelihood, options => OptionFactory.Spell(options.Likelihood)),
        (objective, options => OptionFactory.Spell(options.Objective)),
        (particles, options => options.Particles.ToString(CultureInfo.InvariantCulture)),
        (optimizer, options => OptionFactory.Spell(options.Optimizer)),
        (learningRate, options => options.LearningRate.ToString(CultureInfo.InvariantCulture)),
        (batch, options => options.Batch.ToString(CultureInfo.InvariantCulture)),
        (seed, options => options.Seed.ToString(CultureInfo.InvariantCulture)),
    ];

    private OptionGroup[] Groups() =>
    [
        new("Data", data, binarize, limit),
        new("Model", latent, hidden, activation, prior, likelihood),
        new("Inference", objective, particles, optimizer, learningRate, epochs, batch),
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
        parsed.GetValue(epochs),
        parsed.GetValue(batch),
        parsed.GetValue(seed),
        parsed.GetValue(device),
        parsed.GetValue(threads));

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
        string folder = parsed.GetValue(run)!;
        bool replaces = parsed.GetValue(overwrite);
        RunFolder.EnsureFree(folder, replaces);
        var digits = await RunData.LoadAsync(options.Data, options.Binarize, options.Limit, locations, context).ConfigureAwait(false);
        var started = RunFolder.Create(folder, RunRecord.Start(options, digits.Source), replaces);
        commands.Train(options, digits, started, resume: false, context);
    }

    private async Task ResumeAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = Merge(parsed, opened);
        var digits = await RunData.LoadAsync(opened, options.Data, options.Limit, locations, context).ConfigureAwait(false);
        if (!digits.Source.HasSameImages(opened.Record.Data))
        {
            throw new UserError($"The run in {opened.Folder} was trained on {RunData.Describe(opened.Record.Data)}, but {RunData.Describe(digits.Source)} was found; name the run's data with --data.");
        }

        commands.Train(options, digits, opened, resume: true, context);
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
            Epochs = IsGiven(parsed, epochs) ? given.Epochs : recorded.Epochs,
            Device = IsGiven(parsed, device) ? given.Device : recorded.Device,
            Threads = IsGiven(parsed, threads) ? given.Threads : recorded.Threads,
        };
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };
}
