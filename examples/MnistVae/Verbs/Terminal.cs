using System.Runtime.InteropServices;
using System.Text;

namespace MnistVae;

/// <summary>Turns the first Ctrl-C (or a request to terminate, or the end of the terminal) into a cancelled token; a second one ends the program at once.</summary>
public sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Interrupt() => registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
        .Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = OnSignal()))];

    public CancellationToken Token => source.Token;

    /// <summary>Takes a signal; the answer is whether the program goes on for now.</summary>
    public bool OnSignal()
    {
        bool isFirst = !source.IsCancellationRequested;
        source.Cancel();
        return isFirst;
    }

    public void Dispose()
    {
        Array.ForEach(registrations, registration => registration.Dispose());
        source.Dispose();
    }
}

/// <summary>Writes to a terminal that may be closed: nobody reads then, and what is being learnt must not be lost for that.</summary>
/// <param name="terminal">The terminal's own writer.</param>
public sealed class TerminalWriter(TextWriter terminal) : TextWriter
{
    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Whether a write failed; nothing is written from then on.</summary>
    public bool IsClosed { get; private set; }

    public override void Write(char value) => Try(() => terminal.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => terminal.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => terminal.Write(value));

    public override void WriteLine(string? value) => Try(() => terminal.WriteLine(value));

    public override void Flush() => Try(terminal.Flush);

    private void Try(Action write)
    {
        try
        {
            if (!IsClosed)
            {
                write();
            }
        }
        catch (IOException)
        {
            IsClosed = true;
        }
    }
}
