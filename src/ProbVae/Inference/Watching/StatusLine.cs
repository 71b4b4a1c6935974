namespace ProbVae;

/// <summary>A line that says how things stand. On a terminal it is written over, and lines that stay go above it; in a file or a pipe each is a line of its own.</summary>
public sealed class StatusLine
{
    private readonly TextWriter _writer;
    private int _shown;

    /// <summary>A line on standard error, so that what a program prints stays apart.</summary>
    public StatusLine()
        : this(Console.Error, inPlace: !Console.IsErrorRedirected)
    {
    }

    /// <summary>A line elsewhere.</summary>
    /// <param name="writer">Where it is written; the caller keeps it.</param>
    /// <param name="inPlace">Whether the line is written over, as a terminal can.</param>
    public StatusLine(TextWriter writer, bool inPlace)
    {
        ArgumentNullException.ThrowIfNull(writer);
        (_writer, InPlace) = (writer, inPlace);
    }

    /// <summary>Whether the line is written over.</summary>
    public bool InPlace { get; }

    /// <summary>Shows how things stand now.</summary>
    /// <param name="text">One line; what does not fit on the terminal is left out.</param>
    public void Show(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!InPlace)
        {
            Keep(text);
            return;
        }

        text = text[..Math.Min(text.Length, Columns() - 1)];
        _writer.Write($"\r{text.PadRight(_shown)}");
        _shown = text.Length;
        _writer.Flush();
    }

    /// <summary>Writes a line that stays, in place of what is shown.</summary>
    /// <param name="text">The line.</param>
    public void Keep(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _writer.WriteLine(_shown == 0 ? text : $"\r{text.PadRight(_shown)}");
        _writer.Flush();
        _shown = 0;
    }

    /// <summary>Takes away what is shown.</summary>
    public void Clear()
    {
        if (_shown > 0)
        {
            _writer.Write($"\r{new string(' ', _shown)}\r");
            _writer.Flush();
            _shown = 0;
        }
    }

    // A line that a terminal breaks is not written over. Some tell no width.
    private static int Columns() => !(Console.IsOutputRedirected && Console.IsErrorRedirected) && Console.WindowWidth is > 1 and var columns ? columns : int.MaxValue;
}
