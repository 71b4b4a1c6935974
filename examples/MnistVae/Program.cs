using MnistVae;
using ProbVae.Mpi;
using Spectre.Console;

const int WidthOfFiles = 120;

// Under mpiexec several processes train together; the first speaks and writes for all.
using var group = MpiGroup.Join();
if (group.Size > 1 && args is [not "train", ..])
{
    Console.Error.Write(group.Rank > 0 ? "" : $"error: Under mpiexec this program trains, and does nothing else; run the other verbs without mpiexec.{Environment.NewLine}");
    return App.UserMistake;
}

if (group.Rank > 0)
{
    Console.SetOut(TextWriter.Null);
}

// A file or a pipe that takes no more is told of; a terminal that was closed is not there to be told.
if (!Console.IsOutputRedirected)
{
    Console.SetOut(new TerminalWriter(Console.Out));
}

if (!Console.IsErrorRedirected)
{
    Console.SetError(new TerminalWriter(Console.Error));
}

var console = AnsiConsole.Console;
if (!console.Profile.Out.IsTerminal)
{
    console.Profile.Width = WidthOfFiles;
    console.Profile.Capabilities.Ansi = false;
    console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
}

using var interrupt = new Interrupt();
var errors = group.Rank == 0 ? Console.Error : new StringWriter();
int code = await new App(new VaeCommands { Group = group }, DataLocations.OfThisMachine(), console, errors).RunAsync(args, interrupt.Token);
if (code != App.Success && group.Size > 1)
{
    // What all met the first has told meanwhile. The others may wait for this process, so mpiexec is to see it end at once.
    Thread.Sleep(group.Rank == 0 ? 0 : 2000);
    Console.Error.Write(group.Rank == 0 ? "" : $"rank {group.Rank}: {errors}");
    Environment.Exit(code);
}

return code;
