using System.CommandLine;
using MnistVae.Data;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The verb <c>complete</c>.</summary>
public sealed class CompleteVerb
{
    private const string PictureName = "completions.png";

    private readonly Option<string?> data = CommonOptions.Data("the data that the run was trained on");
    private readonly Option<ImageHalf> hide = OptionFactory.Choice("--hide", "The half that the model does not see.", ImageHalf.Right);
    private readonly Option<int> rounds = OptionFactory.Whole("--rounds", "Turns between drawing a code and drawing the hidden half.", 20, 1, 10_000);
    private readonly Option<int> count = CommonOptions.Count("Test images to show, evenly spaced.", 20);
    private readonly Option<int> columns = CommonOptions.Columns();
    private readonly Option<string?> picture = CommonOptions.Out(PictureName);
    private readonly Option<string> run = CommonOptions.Run("Folder of the trained run.");
    private readonly Option<long> seed = OptionFactory.Seed("Decides all draws.");
    private readonly Option<DeviceKind> device = CommonOptions.Device();
    private readonly Option<int> threads = CommonOptions.Threads();

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
            [
                new OptionGroup("Data", verb.data),
                new OptionGroup("Completion", verb.hide, verb.rounds),
                new OptionGroup("Picture", verb.count, verb.columns, verb.picture),
                new OptionGroup("Run", verb.run, verb.seed, verb.device, verb.threads),
            ],
            [
                new Example("complete", "Twenty test images over what is made of their left halves."),
                new Example("complete --hide bottom --rounds 100 --run runs/conditional", "A conditional model, which knows the digit."),
            ],
            verb.RunAsync);
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = new CompleteOptions(
            CommonOptions.Full(parsed.GetValue(data)),
            parsed.GetValue(hide),
            parsed.GetValue(rounds),
            parsed.GetValue(count),
            parsed.GetValue(columns),
            CommonOptions.Full(parsed.GetValue(picture)) ?? opened.PathOf(PictureName),
            parsed.GetValue(seed),
            parsed.GetValue(device),
            parsed.GetValue(threads));
        var digits = await RunData.LoadAsync(opened, options.Data ?? opened.Record.Options.Data, options.Count, locations, context).ConfigureAwait(false);
        commands.Complete(options, digits, opened, context);
    }
}
