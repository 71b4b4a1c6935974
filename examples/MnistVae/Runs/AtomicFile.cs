namespace MnistVae.Runs;

/// <summary>Writes a file whole or not at all: a temporary file in the same folder, flushed to disk, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Replaces the file with what <paramref name="write"/> writes; where that fails, the old file stays as it was.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string temporary = TemporaryBeside(path);
        try
        {
            using (var stream = Create(temporary))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, error);
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <inheritdoc cref="Write"/>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string temporary = TemporaryBeside(path);
        try
        {
            await using (var stream = Create(temporary))
            {
                await write(stream).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, error);
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>Whether a file is one that a killed program did not come to rename: hidden, and of the ending that such files have here.</summary>
    public static bool IsUnfinished(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith('.') && name.EndsWith(Unfinished, StringComparison.Ordinal);
    }

    /// <summary>The sentence for a file that could not be written.</summary>
    public static UserError CannotWrite(string path, Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        string reason = (cause.HResult & 0xFFFF) switch
        {
            DiskFullOnUnix or DiskFullOnWindows => "the disk is full",
            _ when cause is UnauthorizedAccessException => "this user may not write there",
            _ => cause.Message.TrimEnd('.'),
        };
        return new UserError($"{path} could not be written ({reason}), and what was there before is unchanged; free some space or choose a folder you can write to.", cause);
    }

    private const string Unfinished = ".part";
    private const int DiskFullOnUnix = 28;
    private const int DiskFullOnWindows = 112;

    private static string TemporaryBeside(string path)
    {
        string full = Path.GetFullPath(path);
        return Path.Combine(Path.GetDirectoryName(full) ?? full, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}{Unfinished}");
    }

    private static FileStream Create(string temporary)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(temporary)!);
        return new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite);
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that is being reported matters more than the leftover.
        }
    }
}
