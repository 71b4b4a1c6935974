namespace MnistVae;

/// <summary>Something the user can put right; its message is one sentence on what is wrong and what to do.</summary>
public sealed class UserError : Exception
{
    public UserError(string message)
        : base(message)
    {
    }

    public UserError(string message, Exception cause)
        : base(message, cause)
    {
    }
}
