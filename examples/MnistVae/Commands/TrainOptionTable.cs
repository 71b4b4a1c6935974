using System.CommandLine;
using MnistVae.Data;

namespace MnistVae.Commands;

/// <summary>The options of train that a run's record keeps, by the groups of the help page.</summary>
public sealed class TrainOptionTable
{
    public const int MostEpochs = 100_000;

    // What stands here does not count: every option is taken from the command line or from a record.
    private static readonly TrainOptions Blank = new(
        null, Binarization.Dynamic, null, 1, [], default, default, default, default, 1, default, 1, 1, 1, 0, DeviceKind.Cpu, 0);

    public TrainDataOptions Data { get; } = new();

    public TrainModelOptions Model { get; } = new();

    public TrainInferenceOptions Inference { get; } = new();

    public TrainRunOptions Run { get; } = new();

    private IEnumerable<RecordedOption> All => [.. Data.All, .. Model.All, .. Inference.All, .. Run.All];

    // What may differ when a run is resumed: how long it goes on, and where and how often things happen, but not what is computed.
    private RecordedOption[] Changeable =>
        [Data.Data, Inference.Epochs, Inference.Steps, Inference.Patience, Run.CheckpointMinutes, Run.Prefetch, Run.Device, Run.Threads];

    /// <summary>The options of the command line and, where it does not have one, those of a record or else the defaults.</summary>
    public TrainOptions Read(ParseResult parsed, TrainOptions? recorded = null)
    {
        var options = All.Where(option => recorded is null || option.IsGiven(parsed)).Aggregate(recorded ?? Blank, (options, option) => option.Take(options, parsed));

        // Each of the two says how long a run is, so either takes the place of both.
        return (Inference.Epochs.IsGiven(parsed), Inference.Steps.IsGiven(parsed)) switch
        {
            (false, true) => options with { Epochs = MostEpochs },
            (true, false) => options with { Steps = null },
            _ => options,
        };
    }

    /// <summary>A record's options with those of the command line that may differ when a run is resumed.</summary>
    /// <exception cref="UserError">The command line has another value of one that may not.</exception>
    public TrainOptions Resume(ParseResult parsed, TrainOptions recorded, string folder)
    {
        var given = Read(parsed);
        foreach (var option in All.Except(Changeable).Where(option => option.IsGiven(parsed) && option.Written(given) != option.Written(recorded)))
        {
            string name = option.Option.Name;
            throw new UserError($"{name} is {option.Written(given)}, but the run in {folder} was started with {option.Written(recorded) ?? "not set"}; leave {name} out or start a new run.");
        }

        return Read(parsed, recorded);
    }

    /// <summary>Refuses options that do not go together.</summary>
    public void Combine(ParseResult parsed, TrainOptions options)
    {
        var given = All.Where(option => option.IsGiven(parsed)).Select(option => option.Option).ToHashSet();
        Combinations.Check(
            options,
            given.Contains,
            new(Model.Upper.Option, Model.Components.Option, Model.Noise.Option, Model.Flows.Option, Inference.ScheduleSteps.Option, Inference.ScheduleFactor.Option));
    }

    /// <summary>Whether the command line says anything of the data.</summary>
    public bool NamesData(ParseResult parsed) => Data.All.Any(option => option.IsGiven(parsed));

    /// <summary>The options of a command line without any.</summary>
    public static TrainOptions Defaults()
    {
        var table = new TrainOptionTable();
        return table.Read(table.Parse([]));
    }

    /// <summary>What is wrong with the options of a file, which go through the same checks as the command line's, with the same sentences; null where nothing is.</summary>
    public static string? Problem(TrainOptions options)
    {
        var table = new TrainOptionTable();
        var written = table.All.Select(option => (option.Option.Name, Value: option.Written(options))).Where(row => row.Value is not null);
        var parsed = table.Parse([.. written.SelectMany(row => (string[])[row.Name, row.Value!])]);
        return parsed.Errors.Count == 0 ? null : parsed.Errors[0].Message;
    }

    private ParseResult Parse(string[] arguments)
    {
        var command = new Command("options");
        foreach (var option in All)
        {
            command.Options.Add(option.Option);
        }

        return command.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
    }
}
