using System.Runtime.InteropServices;

namespace MnistVae.Commands;

/// <summary>Turns the first Ctrl-C (or a request to terminate, or the end of the terminal) into a cancelled token; a second one ends the program at once.</summary>
public sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interrupt() => registrations = [Register(PosixSignal.SIGINT), Register(PosixSignal.SIGTERM), Register(PosixSignal.SIGHUP)];

    public CancellationToken Token => source.Token;

    /// <summary>Takes a signal; the answer is whether the program goes on for now.</summary>
    public bool OnSignal()
    {
        if (source.IsCancellationRequested)
        {
            return false;
        }

        source.Cancel();
        return true;
    }

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = OnSignal());
}
