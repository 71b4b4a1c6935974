using MnistVae;

// A file or a pipe that takes no more is told of; a terminal that was closed is not there to be told.
if (!Console.IsOutputRedirected)
{
    Console.SetOut(new TerminalWriter(Console.Out));
}

if (!Console.IsErrorRedirected)
{
    Console.SetError(new TerminalWriter(Console.Error));
}

using var interrupt = new Interrupt();
return await new App(new VaeCommands(), DataLocations.OfThisMachine(), Console.Out, Console.Error).RunAsync(args, interrupt.Token);
