using System.Runtime.InteropServices;

namespace ProbVae.Training;

/// <summary>
/// Turns the first Ctrl-C (or a request to terminate, or the end of the terminal) into a cancelled token, on which a training keeps what it
/// learnt; a second one ends the process at once.
/// </summary>
public sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens from now on: SIGINT, SIGTERM and SIGHUP.</summary>
    public Interrupt() => _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
        .Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = OnSignal()))];

    /// <summary>What <see cref="TrainingLoop{TData}.Run"/> takes.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Listens no more.</summary>
    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
    }

    /// <summary>Takes a signal; the answer is whether the process goes on for now.</summary>
    internal bool OnSignal()
    {
        var isFirst = !_source.IsCancellationRequested;
        _source.Cancel();
        return isFirst;
    }
}
