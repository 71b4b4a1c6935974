using System.Text;

namespace MnistVae.Commands;

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
        if (IsClosed)
        {
            return;
        }

        try
        {
            write();
        }
        catch (IOException)
        {
            IsClosed = true;
        }
    }
}
