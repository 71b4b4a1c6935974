using System.CommandLine;
using MnistVae.Data;

namespace MnistVae.Commands;

/// <summary>The verb <c>reconstruct</c>.</summary>
public sealed class ReconstructVerb
{
    private readonly Option<string?> data = CommonOptions.DataOfRun();
    private readonly PictureOptions picture = new("Test images to show, evenly spaced.", 20, "reconstructions.png");
    private readonly RunOptions run = new("Decides the codes that are drawn.");

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
            [new OptionGroup("Data", verb.data), verb.picture.Group, verb.run.Group],
            [
                new Example("reconstruct", "Twenty test images and their reconstructions."),
                new Example("reconstruct --count 60 --columns 15 --out pairs.png", "A larger sheet, put elsewhere."),
            ],
            verb.RunAsync)
        {
            Stopping = "Stopping as soon as the picture is written.",
        };
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = run.Open(parsed);
        string? folder = CommonOptions.Full(parsed.GetValue(data));
        var (count, columns, path) = picture.Read(parsed, opened);
        var options = new ReconstructOptions(folder, count, columns, path, run.Seed(parsed), run.Device(parsed), run.Threads(parsed));
        var digits = await RunData.LoadAsync(opened, folder, count, locations, context).ConfigureAwait(false);
        commands.Reconstruct(options, digits, opened, context);
    }
}
