namespace ProbVae.Training;

/// <summary>A file that could not be written, in a sentence that says which, why, and what to do.</summary>
/// <param name="path">The file.</param>
/// <param name="cause">What kept it from being written.</param>
public sealed class FileNotWrittenException(string path, Exception cause) : IOException(
    $"{path} could not be written ({Reason(cause)}), and what was there before is unchanged; free some space or choose a folder you can write to.", cause)
{
    private const int DiskFullOnUnix = 28;
    private const int DiskFullOnWindows = 112;

    /// <summary>Does what writes the file, and says in a sentence why it cannot.</summary>
    internal static void Guard(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception cause) when (cause is (IOException or UnauthorizedAccessException) and not FileNotWrittenException)
        {
            throw new FileNotWrittenException(path, cause);
        }
    }

    private static string Reason(Exception cause) => (cause.HResult & 0xFFFF) switch
    {
        DiskFullOnUnix or DiskFullOnWindows => "the disk is full",
        _ when cause is UnauthorizedAccessException => "this user may not write there",
        _ => cause.Message.TrimEnd('.'),
    };
}

/// <summary>Files that are there whole or not at all, as checkpoints are: written beside their place, flushed to the disk, then renamed.</summary>
public static class WholeFile
{
    /// <summary>Replaces the file with what is written; where that fails, the old file stays as it was.</summary>
    /// <param name="path">The file; its folder is made.</param>
    /// <param name="write">Writes to the stream, which can be sought in.</param>
    /// <exception cref="FileNotWrittenException">The disk is full, the user may not write there, or the path names a folder.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        FileNotWrittenException.Guard(path, () =>
        {
            if (Path.GetFileName(path).Length == 0)
            {
                throw new IOException("this names a folder");
            }

            new CheckpointFile(path, TimeSpan.Zero).Write(write);
        });
    }

    /// <summary>Whether a file is one that a killed process did not come to rename.</summary>
    /// <param name="path">The file.</param>
    public static bool IsUnfinished(string path) => Path.GetFileName(path) is ['.', ..] name && name.EndsWith(".part", StringComparison.Ordinal);
}
