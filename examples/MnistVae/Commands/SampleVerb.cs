using System.CommandLine;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>The verb <c>sample</c>.</summary>
public sealed class SampleVerb
{
    private const string PictureName = "samples.png";

    private readonly Option<int> count = CommonOptions.Count("Digits to draw.", 100);
    private readonly Option<int> columns = CommonOptions.Columns();
    private readonly Option<string?> picture = CommonOptions.Out(PictureName);
    private readonly Option<string> run = CommonOptions.Run("Folder of the trained run.");
    private readonly Option<long> seed = OptionFactory.Seed("Decides the codes that are drawn.");
    private readonly Option<DeviceKind> device = CommonOptions.Device();
    private readonly Option<int> threads = CommonOptions.Threads();

    private readonly IVaeCommands commands;

    private SampleVerb(IVaeCommands commands) => this.commands = commands;

    public static Verb Of(IVaeCommands commands)
    {
        var verb = new SampleVerb(commands);
        return new Verb(
            "sample",
            "Draw new digits from a trained model.",
            [
                new OptionGroup("Picture", verb.count, verb.columns, verb.picture),
                new OptionGroup("Run", verb.run, verb.seed, verb.device, verb.threads),
            ],
            [
                new Example("sample", "A hundred new digits from the default run."),
                new Example("sample --count 400 --columns 20 --out digits.png", "A larger sheet, put elsewhere."),
            ],
            verb.RunAsync);
    }

    private Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = RunFolder.Open(parsed.GetValue(run)!);
        var options = new SampleOptions(
            parsed.GetValue(count),
            parsed.GetValue(columns),
            CommonOptions.Full(parsed.GetValue(picture)) ?? opened.PathOf(PictureName),
            parsed.GetValue(seed),
            parsed.GetValue(device),
            parsed.GetValue(threads));
        commands.Sample(options, opened, context);
        return Task.CompletedTask;
    }
}
