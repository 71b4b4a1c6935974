namespace MnistVae;

/// <summary>Something the user can put right; its message is one sentence on what is wrong and what to do.</summary>
public sealed class UserError : Exception
{
    public UserError(string message)
        : base(OneLine(message))
    {
    }

    public UserError(string message, Exception cause)
        : base(OneLine(message), cause)
    {
    }

    // What it tells of a file may hold anything.
    private static string OneLine(string message) => string.Concat(message.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
