using System.CommandLine;
using MnistVae.Data;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The verb <c>reconstruct</c>.</summary>
public sealed class ReconstructVerb
{
    private const string PictureName = "reconstructions.png";

    private readonly Option<string?> data = CommonOptions.Data("the data that the run was trained on");
    private readonly Option<int> count = CommonOptions.Count("Test images to show, evenly spaced.", 20);
    private readonly Option<int> columns = CommonOptions.Columns();
    private readonly Option<string?> picture = CommonOptions.Out(PictureName);
    private readonly Option<string> run = CommonOptions.Run("Folder of the trained run.");
    private readonly Option<long> seed = OptionFactory.Seed("Decides the codes that are drawn.");
    private readonly Option<DeviceKind> device = CommonOptions.Device();
    private readonly Option<int> threads = CommonOptions.Threads();

    private readonly IVaeCommands commands;
    private readonly DataLocations locations;

    private ReconstructVerb(IVaeCommands commands, DataLocations locations)
    {
        this.commands = commands;
        this.locations = locations;
    }

    public static Verb Of(IVaeCommands commands, DataLocations locations)
    {
        var verb = new ReconstructVerb(commands, locations);
        return new Verb(
            "reconstruct",
            "Put test images over what a trained model makes of them.",
            [
                new OptionGroup("Data", verb.data),
                new OptionGroup("Picture", verb.count, verb.columns, verb.picture),
                new OptionGroup("Run", verb.run, verb.seed, verb.device, verb.threads),
            ],
            [
                new Example("reconstruct", "Twenty test images and their reconstructions."),
                new Example("reconstruct --count 60 --columns 15 --out pairs.png", "A larger sheet, put elsewhere."),
            ],
            verb.RunAsync);
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = new ReconstructOptions(
            CommonOptions.Full(parsed.GetValue(data)),
            parsed.GetValue(count),
            parsed.GetValue(columns),
            CommonOptions.Full(parsed.GetValue(picture)) ?? opened.PathOf(PictureName),
            parsed.GetValue(seed),
            parsed.GetValue(device),
            parsed.GetValue(threads));
        var digits = await RunData.LoadAsync(opened, options.Data ?? opened.Record.Options.Data, options.Count, locations, context).ConfigureAwait(false);
        commands.Reconstruct(options, digits, opened, context);
    }
}
