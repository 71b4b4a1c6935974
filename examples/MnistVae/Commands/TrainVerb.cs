using System.CommandLine;
using MnistVae.Data;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The verb <c>train</c>.</summary>
public sealed class TrainVerb
{
    private readonly TrainOptionTable table = new();
    private readonly Option<string> run = CommonOptions.Run("Folder for the record, the history, the checkpoint and the pictures.");
    private readonly Option<string?> config = OptionFactory.PathOrNone("--config", "FILE", "Options from a JSON file, such as the run.json of a run, which starts the same run again; those on the command line go first.");
    private readonly Option<bool> resume = OptionFactory.Flag("--resume", "Go on from the run's checkpoint, with the run's own options.");
    private readonly Option<bool> overwrite = OptionFactory.Flag("--overwrite", "Remove the files of the run that lies in the folder, and start anew.");

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
        return new Verb("train", "Train a variational autoencoder on handwritten digits.", verb.Groups(), Examples(), verb.RunAsync)
        {
            Stopping = "Stopping; what was learnt so far is being kept.",
        };
    }

    private OptionGroup[] Groups()
    {
        var running = table.Run;
        return
        [
            new("Data", Of(table.Data.All)),
            new("Model", Of(table.Model.All)),
            new("Inference", Of(table.Inference.All)),
            new("Run", [run, config, .. Of([running.CheckpointMinutes, running.Prefetch]), resume, overwrite, .. Of([running.Seed, running.Device, running.Threads])]),
        ];

        static Option[] Of(IEnumerable<RecordedOption> options) => [.. options.Select(option => option.Option)];
    }

    private static Example[] Examples() =>
    [
        new("train", "Train with the defaults, on whatever data is to be had."),
        new("train --data ~/data --binarize static --epochs 100", "Train on the static binarized MNIST of a folder."),
        new("train --hidden 400,200 --latent 50 --learning-rate 0.001 --run runs/deep", "Train a deeper model in a folder of its own."),
        new("train --run runs/deep --resume --epochs 200", "Go on with it until epoch 200."),
        new("train --config runs/deep/run.json --seed 1 --run runs/again", "Train the same model in the same way from another seed."),
    ];

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
        var file = parsed.GetValue(config) is { } path ? ConfigFile.Read(path, TrainOptionTable.Defaults(), TrainOptionTable.Problem) : null;
        var options = table.Read(parsed, file?.Options);
        table.Combine(parsed, options);
        string folder = parsed.GetValue(run)!;
        bool replaces = parsed.GetValue(overwrite);
        RunFolder.EnsureFree(folder, replaces);
        var digits = Split(await RunData.LoadAsync(file?.Data, options.Data, options.Binarize, options.Limit, locations, context).ConfigureAwait(false), options);
        if (file?.Data is { } recorded && !table.NamesData(parsed) && !digits.Source.HasSameImages(recorded))
        {
            throw new UserError($"--config's file {file.Path} is of a run on {RunData.Describe(recorded)}, but {RunData.Describe(digits.Source)} was found; name the data with --data.");
        }

        var started = RunFolder.Create(folder, RunRecord.Start(options, digits.Source), replaces);
        try
        {
            commands.Train(options, digits, started, resume: false, context);
        }
        catch (Exception failure) when (App.IsUsersMatter(failure) && !started.HoldsMore)
        {
            // A run that came to nothing is not to stand in the way of the next try.
            started.Discard();
            throw;
        }
    }

    private async Task ResumeAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = table.Resume(parsed, opened.Record.Options, opened.Folder);
        table.Combine(parsed, options);
        var digits = Split(await RunData.LoadAsync(opened, options.Data, options.Limit, locations, context).ConfigureAwait(false), options);
        if (!digits.Source.HasSameImages(opened.Record.Data))
        {
            throw new UserError($"The run in {opened.Folder} was trained on {RunData.Describe(opened.Record.Data)}, but {RunData.Describe(digits.Source)} was found; name the run's data with --data.");
        }

        commands.Train(options, digits, opened.GoOnWith(options), resume: true, context);
    }

    private static DigitData Split(DigitData digits, TrainOptions options)
    {
        Combinations.Check(options, digits);
        var split = Digits.HoldOut(digits, options.HoldOut);
        return options.ValidateEvery is null || split.Validation is not null
            ? split
            : throw new UserError($"--validate-every is {options.ValidateEvery}, but {split.Source.Name} has no validation images; keep some training images for it with --hold-out N.");
    }
}
