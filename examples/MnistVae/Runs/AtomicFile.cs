namespace MnistVae;

/// <summary>Writes a file whole or not at all, as the engine's checkpoints are; what keeps one from being written is a sentence.</summary>
public static class AtomicFile
{
    private const int DiskFullOnUnix = 28;
    private const int DiskFullOnWindows = 112;

    /// <summary>Replaces the file with what <paramref name="write"/> writes; where that fails, the old file stays as it was.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        try
        {
            if (Path.GetFileName(path).Length == 0)
            {
                throw new IOException("this names a folder");
            }

            new CheckpointFile(path, TimeSpan.Zero).Write(write);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, error);
        }
    }

    /// <summary>Whether a file is one that a killed program did not come to rename.</summary>
    public static bool IsUnfinished(string path) => Path.GetFileName(path) is ['.', ..] name && name.EndsWith(".part", StringComparison.Ordinal);

    /// <summary>The sentence for a file that could not be written.</summary>
    public static UserError CannotWrite(string path, Exception cause)
    {
        string reason = (cause.HResult & 0xFFFF) switch
        {
            DiskFullOnUnix or DiskFullOnWindows => "the disk is full",
            _ when cause is UnauthorizedAccessException => "this user may not write there",
            _ => cause.Message.TrimEnd('.'),
        };
        return new UserError($"{path} could not be written ({reason}), and what was there before is unchanged; free some space or choose a folder you can write to.", cause);
    }
}
