using System.Text;

namespace ProbVae.Training;

/// <summary>
/// Writes to a terminal that may be closed while a training goes on: nobody reads then, and what is being learnt must not be lost for that.
/// Give it to <see cref="Console.SetOut"/> where output is not redirected: a full disk behind a file is to be told.
/// </summary>
/// <param name="terminal">The terminal's own writer.</param>
public sealed class TerminalWriter(TextWriter terminal) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Whether a write failed; nothing is written from then on.</summary>
    public bool IsClosed { get; private set; }

    /// <inheritdoc/>
    public override void Write(char value) => Try(() => terminal.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Try(() => terminal.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(() => terminal.Write(value));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Try(() => terminal.WriteLine(value));

    /// <inheritdoc/>
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
