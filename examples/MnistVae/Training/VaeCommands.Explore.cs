using MnistVae.Commands;
using MnistVae.Data;
using MnistVae.Explore;
using MnistVae.Runs;
using Spectre.Console;

namespace MnistVae.Training;

/// <content>What leads out of the program: a page in a browser, and files for other programs.</content>
internal sealed partial class VaeCommands
{
    public async Task ExploreAsync(ExploreOptions options, RunFolder run, CommandContext context)
    {
        using var session = Open(run, options.Device, options.Threads);
        var explorer = new LatentExplorer(session, run);
        using var server = ExploreServer.Start(options.Port, new ExploreHandler(explorer).Answer);
        context.Console.WriteLine($"Explore {run.Folder} at {server.Address} (on this machine alone; Ctrl-C stops it).");
        await server.ServeAsync(context.Cancellation).ConfigureAwait(false);
    }

    public void Export(ExportOptions options, DigitData data, RunFolder run, CommandContext context)
    {
        using var session = Open(run, options.Device, options.Threads);
        var test = TestOf(run, data, options.Seed);
        var lines = Training.Export.Write(session, test, run.Record.Data.TrainCount, options, context.Cancellation);
        context.Console.WriteLine($"Written to {options.Out}:");
        foreach (string line in lines)
        {
            context.Console.WriteLine($"  {line}");
        }
    }
}
