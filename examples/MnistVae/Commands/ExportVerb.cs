using System.CommandLine;
using MnistVae.Data;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The verb <c>export</c>.</summary>
public sealed class ExportVerb
{
    private const string FolderName = "export";

    private readonly Option<string?> data = CommonOptions.Data("the data that the run was trained on");
    private readonly Option<int?> limit = OptionFactory.WholeOrNone("--limit", "Codes of at most so many test images, evenly spaced.", 1, 1_000_000);
    private readonly Option<int> samples = OptionFactory.Whole("--samples", "Digits to draw from the prior.", 100, 1, 100_000);
    private readonly Option<string?> folder = OptionFactory.PathOrNone("--out", "DIR", $"The folder to write to; otherwise {FolderName} in the run's folder.");
    private readonly Option<int> batch = CommonOptions.Batch("Images at a time.");
    private readonly Option<string> run = CommonOptions.Run("Folder of the trained run.");
    private readonly Option<long> seed = OptionFactory.Seed("Decides the samples.");
    private readonly Option<DeviceKind> device = CommonOptions.Device();
    private readonly Option<int> threads = CommonOptions.Threads();

    private readonly IVaeCommands commands;
    private readonly DataLocations locations;

    private ExportVerb(IVaeCommands commands, DataLocations locations)
    {
        this.commands = commands;
        this.locations = locations;
    }

    public static Verb Of(IVaeCommands commands, DataLocations locations)
    {
        var verb = new ExportVerb(commands, locations);
        return new Verb(
            "export",
            "Write a trained model's parameters as safetensors, its codes and samples as .npy.",
            [
                new OptionGroup("Data", verb.data, verb.limit),
                new OptionGroup("Files", verb.samples, verb.folder, verb.batch),
                new OptionGroup("Run", verb.run, verb.seed, verb.device, verb.threads),
            ],
            [
                new Example("export", "The default run, into its own folder."),
                new Example("export --run runs/deep --out deep --samples 1000", "Another run, put elsewhere."),
            ],
            verb.RunAsync);
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = new ExportOptions(
            CommonOptions.Full(parsed.GetValue(data)),
            parsed.GetValue(limit),
            parsed.GetValue(samples),
            CommonOptions.Full(parsed.GetValue(folder)) ?? opened.PathOf(FolderName),
            parsed.GetValue(batch),
            parsed.GetValue(seed),
            parsed.GetValue(device),
            parsed.GetValue(threads));
        var digits = await RunData.LoadAsync(opened, options.Data ?? opened.Record.Options.Data, options.Limit, locations, context).ConfigureAwait(false);
        commands.Export(options, digits, opened, context);
    }
}
