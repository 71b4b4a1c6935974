namespace ProbVae;

/// <summary>
/// A checkpoint on disk that is there whole or not at all: written beside its place, flushed to the disk, then renamed, so that a
/// process that is killed at any moment leaves the last whole one. Written every so often, it bounds what a kill can lose.
/// </summary>
public sealed class CheckpointFile
{
    private readonly TimeProvider _time;
    private long _written;

    /// <summary>Names the file; nothing is read or written yet. What a killed process left unfinished beside it is removed.</summary>
    /// <param name="path">The file; its folder is made when it is first written.</param>
    /// <param name="every">How much time may pass between two checkpoints; 0 makes one due after every step. Range: not negative.</param>
    /// <param name="time">The clock; the system's unless given.</param>
    public CheckpointFile(string path, TimeSpan every, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, TimeSpan.Zero);
        (Path, Every, _time) = (System.IO.Path.GetFullPath(path), every, time ?? TimeProvider.System);
        _written = _time.GetTimestamp();
        if (File.Exists(Unfinished))
        {
            File.Delete(Unfinished);
        }
    }

    /// <summary>The file, as a full path.</summary>
    public string Path { get; }

    /// <summary>How much time may pass between two checkpoints.</summary>
    public TimeSpan Every { get; }

    /// <summary>Whether there is a checkpoint.</summary>
    public bool Exists => File.Exists(Path);

    /// <summary>Whether so much time has passed since the last checkpoint, or since this object was made, that another is due.</summary>
    public bool IsDue => _time.GetElapsedTime(_written) >= Every;

    // Hidden, beside the file: a rename is one step only within a folder's disk.
    private string Unfinished => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, $".{System.IO.Path.GetFileName(Path)}.part");

    /// <summary>Writes the inference's state; see <see cref="Svi{TData}.Save"/>.</summary>
    /// <param name="svi">The inference.</param>
    public void Save<TData>(Svi<TData> svi)
    {
        ArgumentNullException.ThrowIfNull(svi);
        Write(svi.Save);
    }

    /// <summary>Writes the inference's state if that is due: what to call after each step.</summary>
    /// <param name="svi">The inference.</param>
    /// <returns>Whether it was due.</returns>
    public bool SaveIfDue<TData>(Svi<TData> svi)
    {
        var isDue = IsDue;
        if (isDue)
        {
            Save(svi);
        }

        return isDue;
    }

    /// <summary>Reads the inference's state, if there is a checkpoint; the next step then continues the run bit for bit.</summary>
    /// <param name="svi">An inference like the one that was saved.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CheckpointException">It is one of another model, or damaged; nothing was changed.</exception>
    public bool TryLoad<TData>(Svi<TData> svi)
    {
        ArgumentNullException.ThrowIfNull(svi);
        if (!Exists)
        {
            return false;
        }

        using var stream = File.OpenRead(Path);
        svi.Load(stream);
        return true;
    }

    /// <summary>Replaces the file with what is written, as a program does that keeps more than the inference's state.</summary>
    /// <param name="write">Writes to the stream; where it fails, the old file stays as it was.</param>
    public void Write(Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        try
        {
            using (var stream = new FileStream(Unfinished, FileMode.Create, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(Unfinished, Path, overwrite: true);
        }
        catch
        {
            Remove(Unfinished);
            throw;
        }

        _written = _time.GetTimestamp();
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The failure that is being reported matters more than the leftover.
        }
    }
}
