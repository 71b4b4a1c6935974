using System.CommandLine;
using MnistVae.Data;

namespace MnistVae.Commands;

/// <summary>The verb <c>complete</c>.</summary>
public sealed class CompleteVerb
{
    private readonly Option<string?> data = CommonOptions.DataOfRun();
    private readonly Option<ImageHalf> hide = OptionFactory.Choice("--hide", "The half that the model does not see.", ImageHalf.Right);
    private readonly Option<int> rounds = OptionFactory.Whole("--rounds", "Turns between drawing a code and drawing the hidden half.", 20, 1, 10_000);
    private readonly PictureOptions picture = new("Test images to show, evenly spaced.", 20, "completions.png");
    private readonly RunOptions run = new("Decides all draws.");

    private readonly IVaeCommands commands;
    private readonly DataLocations locations;

    private CompleteVerb(IVaeCommands commands, DataLocations locations)
    {
        this.commands = commands;
        this.locations = locations;
    }

    public static Verb Of(IVaeCommands commands, DataLocations locations)
    {
        var verb = new CompleteVerb(commands, locations);
        return new Verb(
            "complete",
            "Hide half of each test image and let a trained model fill it in.",
            [new OptionGroup("Data", verb.data), new OptionGroup("Completion", verb.hide, verb.rounds), verb.picture.Group, verb.run.Group],
            [
                new Example("complete", "Twenty test images over what is made of their left halves."),
                new Example("complete --hide bottom --rounds 100 --run runs/conditional", "A conditional model, which knows the digit."),
            ],
            verb.RunAsync)
        {
            Stopping = "Stopping; no picture is written.",
        };
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = run.Open(parsed);
        string? folder = CommonOptions.Full(parsed.GetValue(data));
        var (count, columns, path) = picture.Read(parsed, opened);
        var options = new CompleteOptions(
            folder, parsed.GetValue(hide), parsed.GetValue(rounds), count, columns, path, run.Seed(parsed), run.Device(parsed), run.Threads(parsed));
        var digits = await RunData.LoadAsync(opened, folder, count, locations, context).ConfigureAwait(false);
        commands.Complete(options, digits, opened, context);
    }
}
