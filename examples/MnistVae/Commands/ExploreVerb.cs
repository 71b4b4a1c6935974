using System.CommandLine;

namespace MnistVae.Commands;

/// <summary>The verb <c>explore</c>.</summary>
public sealed class ExploreVerb
{
    private const int StandardPort = 8128;

    private readonly Option<int> port = OptionFactory.Whole("--port", "Where the page is served on 127.0.0.1; 0 for any port that is free.", StandardPort, 0, ushort.MaxValue);
    private readonly RunOptions run = new();

    private readonly IVaeCommands commands;

    private ExploreVerb(IVaeCommands commands) => this.commands = commands;

    public static Verb Of(IVaeCommands commands)
    {
        var verb = new ExploreVerb(commands);
        return new Verb(
            "explore",
            "Serve a page on this machine to walk through the latent space and draw digits for the model.",
            [new OptionGroup("Page", verb.port), verb.run.Group],
            [
                new Example("explore", "Look at the default run in a browser, until Ctrl-C."),
                new Example("explore --run runs/deep --port 0", "Another run, at any port that is free."),
            ],
            verb.RunAsync)
        {
            Stopping = "Stopping; the page no longer answers.",
        };
    }

    private Task RunAsync(ParseResult parsed, CommandContext context) =>
        commands.ExploreAsync(new ExploreOptions(parsed.GetValue(port), run.Device(parsed), run.Threads(parsed)), run.Open(parsed), context);
}
