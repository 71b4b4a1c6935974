using MnistVae;
using ProbVae.Mpi;

// Under mpiexec several processes train or evaluate together; the first speaks and writes for all.
using var group = MpiGroup.Join();
if (group.Size > 1 && args is [not ("train" or "evaluate"), ..])
{
    Console.Error.Write(group.Rank > 0 ? "" : $"error: Under mpiexec this program trains and evaluates, and does nothing else; run the other verbs without mpiexec.{Environment.NewLine}");
    return App.UserMistake;
}

IdleThreads.GiveUpTheirCore();

// A file or a pipe that takes no more is told of; a terminal that was closed is not there to be told.
Console.SetOut(group.Rank > 0 ? TextWriter.Null : Console.IsOutputRedirected ? Console.Out : new TerminalWriter(Console.Out));
Console.SetError(Console.IsErrorRedirected ? Console.Error : new TerminalWriter(Console.Error));

using var interrupt = new Interrupt();
var errors = group.Rank == 0 ? Console.Error : new StringWriter();
int code = await new App(new VaeCommands { Group = group }, DataLocations.OfThisMachine(), Console.Out, errors).RunAsync(args, interrupt.Token);
if (code != App.Success && group.Size > 1)
{
    // What all met the first has told meanwhile. The others may wait for this process, so mpiexec is to see it end at once.
    Thread.Sleep(group.Rank == 0 ? 0 : 2000);
    Console.Error.Write(group.Rank == 0 ? "" : $"rank {group.Rank}: {errors}");
    Environment.Exit(code);
}

return code;
