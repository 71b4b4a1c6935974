using MnistVae;
using Spectre.Console;

const int WidthOfFiles = 120;

IdleThreads.GiveUpTheirCore();

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
return await new App(new VaeCommands(), DataLocations.OfThisMachine(), console, Console.Error).RunAsync(args, interrupt.Token);
