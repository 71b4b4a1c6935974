using System.CommandLine;

namespace MnistVae;

/// <summary>Where train puts a run, and from what it starts.</summary>
public sealed record TrainRunOptions
{
    [Option("Folder for the record, the history, the checkpoint and the pictures.", Kind = "DIR")]
    public string Run { get; init; } = RunOptions.DefaultRun;
    [Option("Options from a JSON file, such as the run.json of a run, which starts the same run again; those on the command line go first.", Kind = "FILE")]
    public string? Config { get; init; }
    [Option("Go on from the run's checkpoint, with the run's own options.")]
    public bool Resume { get; init; }
    [Option("Remove the files of the run that lies in the folder, and start anew.")]
    public bool Overwrite { get; init; }
}

/// <summary>The verb <c>train</c>: options from the command line, a file or a run; data; a folder.</summary>
public sealed class TrainVerb(VaeCommands commands, RunData data)
{
    private readonly OptionTable table = new(typeof(TrainOptions));
    private readonly OptionTable running = new(typeof(TrainRunOptions));

    public Verb Verb => new(
        "train", "Train a variational autoencoder on handwritten digits.", "Stopping; what was learnt so far is being kept.", [table, running], RunAsync);

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var how = running.Read(parsed, new TrainRunOptions());
        using var own = commands.Group.Rank > 0 ? new RankFolder(how.Resume ? how.Run : null) : null;
        await RunAsync(parsed, own is null ? how : how with { Run = own.Path }, context).ConfigureAwait(false);
    }

    private Task RunAsync(ParseResult parsed, TrainRunOptions options, CommandContext context) => options switch
    {
        { Resume: true, Overwrite: true } => throw new UserError("--resume and --overwrite contradict each other; give one of them."),
        { Resume: true, Config: not null } => throw new UserError("--resume and --config contradict each other, as a resumed run has its own options; give one of them."),
        { Resume: true } how => ResumeAsync(parsed, how, context),
        var how => StartAsync(parsed, how, context),
    };

    private async Task StartAsync(ParseResult parsed, TrainRunOptions how, CommandContext context)
    {
        var file = how.Config is { } path ? RunRecord.Read(path, $"--config {path}") : null;
        var options = Read(parsed, file?.Options ?? new());
        RunFolder.EnsureFree(how.Run, how.Overwrite);
        var digits = Split(await data.LoadAsync(file?.Source, options, context).ConfigureAwait(false), options);
        string[] aboutData = [nameof(TrainOptions.Data), nameof(TrainOptions.Binarize), nameof(TrainOptions.Limit), nameof(TrainOptions.HoldOut)];
        if (file?.Source is { } recorded && !aboutData.Any(name => table.IsGiven(parsed, name)) && !digits.Source.HasSameImages(recorded))
        {
            throw new UserError($"--config's file {how.Config} is of a run on {recorded.Describe()}, but {digits.Source.Describe()} was found; name the data with --data.");
        }

        var started = RunFolder.Create(how.Run, RunRecord.Start(options, digits.Source), how.Overwrite);
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

    private async Task ResumeAsync(ParseResult parsed, TrainRunOptions how, CommandContext context)
    {
        var opened = RunFolder.Open(how.Run);
        var recorded = opened.Record.Options;
        foreach (var (name, given, before) in table.Changed(parsed, table.Read(parsed, new TrainOptions()), recorded))
        {
            throw new UserError($"{name} is {given}, but the run in {opened.Folder} was started with {before ?? "not set"}; leave {name} out or start a new run.");
        }

        var options = Read(parsed, recorded);
        var digits = Split(await data.LoadAsync(opened, options.Data, options.Limit, context).ConfigureAwait(false), options);
        if (!digits.Source.HasSameImages(opened.Record.Data))
        {
            throw new UserError($"The run in {opened.Folder} was trained on {opened.Record.Data.Describe()}, but {digits.Source.Describe()} was found; name the run's data with --data.");
        }

        commands.Train(options, digits, opened.GoOnWith(options), resume: true, context);
    }

    // Steps and epochs both say how long a run is, so either on the command line takes the place of both.
    private TrainOptions Read(ParseResult parsed, TrainOptions recorded)
    {
        var options = table.Read(parsed, recorded with { });
        options = (table.IsGiven(parsed, nameof(options.Epochs)), table.IsGiven(parsed, nameof(options.Steps))) switch
        {
            (false, true) => options with { Epochs = TrainOptions.MostEpochs },
            (true, false) => options with { Steps = null },
            _ => options,
        };
        Combinations.Check(options, name => table.IsGiven(parsed, name));
        return options;
    }

    private static DigitData Split(DigitData digits, TrainOptions options)
    {
        Combinations.Check(options, digits);
        var split = digits.HoldOut(options.HoldOut);
        return options.ValidateEvery is null || split.Validation is not null
            ? split
            : throw new UserError($"--validate-every is {options.ValidateEvery}, but {split.Source.Name} has no validation images; keep some training images for it with --hold-out N.");
    }
}
