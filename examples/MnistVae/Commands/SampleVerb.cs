using System.CommandLine;

namespace MnistVae.Commands;

/// <summary>The verb <c>sample</c>.</summary>
public sealed class SampleVerb
{
    private readonly PictureOptions picture = new("Digits to draw.", 100, "samples.png");
    private readonly RunOptions run = new("Decides the codes that are drawn.");

    private readonly IVaeCommands commands;

    private SampleVerb(IVaeCommands commands) => this.commands = commands;

    public static Verb Of(IVaeCommands commands)
    {
        var verb = new SampleVerb(commands);
        return new Verb(
            "sample",
            "Draw new digits from a trained model.",
            [verb.picture.Group, verb.run.Group],
            [
                new Example("sample", "A hundred new digits from the default run."),
                new Example("sample --count 400 --columns 20 --out digits.png", "A larger sheet, put elsewhere."),
            ],
            verb.RunAsync)
        {
            Stopping = "Stopping as soon as the picture is written.",
        };
    }

    private Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var opened = run.Open(parsed);
        var (count, columns, path) = picture.Read(parsed, opened);
        commands.Sample(new SampleOptions(count, columns, path, run.Seed(parsed), run.Device(parsed), run.Threads(parsed)), opened, context);
        return Task.CompletedTask;
    }
}
