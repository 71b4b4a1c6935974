using System.CommandLine;
using MnistVae.Data;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The verb <c>report</c>.</summary>
public sealed class ReportVerb
{
    private readonly Option<string?> data = CommonOptions.Data("the data that the run was trained on");
    private readonly Option<string> run = CommonOptions.Run("Folder of the trained run.");
    private readonly Option<DeviceKind> device = CommonOptions.Device();
    private readonly Option<int> threads = CommonOptions.Threads();

    private readonly IVaeCommands commands;
    private readonly DataLocations locations;

    private ReportVerb(IVaeCommands commands, DataLocations locations)
    {
        this.commands = commands;
        this.locations = locations;
    }

    public static Verb Of(IVaeCommands commands, DataLocations locations)
    {
        var verb = new ReportVerb(commands, locations);
        return new Verb(
            "report",
            "Write the page that shows a trained run anew.",
            [
                new OptionGroup("Data", verb.data),
                new OptionGroup("Run", verb.run, verb.device, verb.threads),
            ],
            [
                new Example("report", "Write report.html of the default run, from its best checkpoint, or its last."),
                new Example("report --run runs/deep --data ~/data", "Another run, with its data in another folder than before."),
            ],
            verb.RunAsync)
        {
            Stopping = "Stopping as soon as the page is written.",
        };
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = new ReportOptions(CommonOptions.Full(parsed.GetValue(data)), parsed.GetValue(device), parsed.GetValue(threads));
        var recorded = opened.Record.Options;
        var digits = await RunData.LoadAsync(opened, options.Data ?? recorded.Data, recorded.Limit, locations, context).ConfigureAwait(false);
        commands.Report(options, Digits.HoldOut(digits, recorded.HoldOut), opened, context);
    }
}
