using System.CommandLine;
using MnistVae.Data;

namespace MnistVae.Commands;

/// <summary>The verb <c>count</c>.</summary>
public sealed class CountVerb
{
    private readonly Option<string?> data = CommonOptions.DataAnywhere();
    private readonly Option<int?> limit = CommonOptions.Limit();
    private readonly Option<int> draws = OptionFactory.Whole("--draws", "Draws of the code in each estimate.", 2, 1, 200);
    private readonly Option<int> steps = OptionFactory.Whole("--steps", "Gradient steps of each training.", 3000, 1, 1_000_000);
    private readonly Option<long> seed = OptionFactory.Seed("Decides all draws.");
    private readonly Option<int> threads = CommonOptions.Threads();

    private readonly IVaeCommands commands;
    private readonly DataLocations locations;

    private CountVerb(IVaeCommands commands, DataLocations locations)
    {
        this.commands = commands;
        this.locations = locations;
    }

    public static Verb Of(IVaeCommands commands, DataLocations locations)
    {
        var verb = new CountVerb(commands, locations);
        return new Verb(
            "count",
            "Train a model without a network, by draws from its prior and by draws from a guide, and hold both against the truth.",
            [
                new OptionGroup("Data", verb.data, verb.limit),
                new OptionGroup("Inference", verb.draws, verb.steps),
                new OptionGroup("Run", verb.seed, verb.threads),
            ],
            [
                new Example("count", "The naive estimate with two draws beside the same with a guide."),
                new Example("count --draws 50", "With fifty draws it is less wrong, at twenty-five times the work."),
            ],
            verb.RunAsync)
        {
            Stopping = "Stopping; there will be no figures.",
        };
    }

    private async Task RunAsync(ParseResult parsed, CommandContext context)
    {
        var options = new CountOptions(
            CommonOptions.Full(parsed.GetValue(data)),
            parsed.GetValue(limit),
            parsed.GetValue(draws),
            parsed.GetValue(steps),
            parsed.GetValue(seed),
            parsed.GetValue(threads));
        var digits = await RunData.LoadAsync(options.Data, Binarization.None, options.Limit, locations, context).ConfigureAwait(false);
        commands.Count(options, digits, context);
    }
}
