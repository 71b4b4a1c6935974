using System.CommandLine;
using MnistVae.Data;

namespace MnistVae.Commands;

/// <summary>The verb <c>export</c>.</summary>
public sealed class ExportVerb
{
    private const string FolderName = "export";

    private readonly Option<string?> data = CommonOptions.DataOfRun();
    private readonly Option<int?> limit = OptionFactory.WholeOrNone("--limit", "Codes of at most so many test images, evenly spaced.", 1, 1_000_000);
    private readonly Option<int> samples = OptionFactory.Whole("--samples", "Digits to draw from the prior.", 100, 1, 100_000);
    private readonly Option<string?> folder = OptionFactory.PathOrNone("--out", "DIR", $"The folder to write to; otherwise {FolderName} in the run's folder.");
    private readonly Option<int> batch = CommonOptions.Batch("Images at a time.");
    private readonly RunOptions run = new("Decides the samples.");

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
                verb.run.Group,
            ],
            [
                new Example("export", "The default run, into its own folder."),
                new Example("export --run runs/deep --out deep --samples 1000", "Another run, put elsewhere."),
            ],
            verb.RunAsync)
        {
            Stopping = "Stopping; files that were written are whole, and the others are not there.",
        };
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = run.Open(parsed);
        var options = new ExportOptions(
            CommonOptions.Full(parsed.GetValue(data)),
            parsed.GetValue(limit),
            parsed.GetValue(samples),
            CommonOptions.Full(parsed.GetValue(folder)) ?? opened.PathOf(FolderName),
            parsed.GetValue(batch),
            run.Seed(parsed),
            run.Device(parsed),
            run.Threads(parsed));
        var digits = await RunData.LoadAsync(opened, options.Data, options.Limit, locations, context).ConfigureAwait(false);
        commands.Export(options, digits, opened, context);
    }
}
