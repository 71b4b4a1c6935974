using System.Security.Cryptography;
using System.Text;

namespace ProbVae.Training;

/// <summary>A folder in which another training is at work.</summary>
/// <param name="path">The folder.</param>
public sealed class FolderInUseException(string path) : IOException($"Another training is at work in {path}; wait for its end, stop it, or train in another folder.");

/// <summary>The checkpoints of a training: where it stands, and where the validation data did best.</summary>
/// <param name="path">The folder; it is made when training begins.</param>
public sealed class TrainingFolder(string path)
{
    /// <summary>The file of where training stands.</summary>
    public const string LastName = "checkpoint.bin";

    /// <summary>The file of where the validation data did best.</summary>
    public const string BestName = "best.bin";

    private const string LockName = ".training.lock";
    private const string Magic = "ProbVae training 1";
    private const int LongestState = 4096;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>Where training stands: a file that is there whole or not at all.</summary>
    public string Last => System.IO.Path.Combine(path, LastName);

    /// <summary>Where the validation data did best; there is none without validation.</summary>
    public string Best => System.IO.Path.Combine(path, BestName);

    /// <summary>Whether there is a checkpoint.</summary>
    public bool HasLast => File.Exists(Last);

    /// <summary>Whether there is one of the best validation.</summary>
    public bool HasBest => File.Exists(Best);

    /// <summary>Loads where training stands.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="svi">An inference like the one that was trained.</param>
    /// <exception cref="CheckpointException">There is none, or it cannot be read, is of another model, or is damaged; nothing was changed.</exception>
    public TrainingState Load<TData>(Svi<TData> svi) => Load(svi, Last);

    /// <summary>Loads where the validation data did best; where there is no such file, where training stands.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="svi">An inference like the one that was trained.</param>
    /// <exception cref="CheckpointException">There is none, or it cannot be read, is of another model, or is damaged; nothing was changed.</exception>
    public TrainingState LoadBest<TData>(Svi<TData> svi) => Load(svi, HasBest ? Best : Last);

    /// <summary>Refuses a folder in which a training is at work, as a program does before it removes one.</summary>
    /// <exception cref="FolderInUseException">A training is at work in it.</exception>
    public void ThrowIfInUse()
    {
        if (Directory.Exists(path))
        {
            Take().Dispose();
        }
    }

    /// <summary>Takes the folder for one training until the handle is disposed of; the system lets go of it where a process is killed.</summary>
    /// <exception cref="FolderInUseException">Another training has it.</exception>
    internal FileStream Take()
    {
        Directory.CreateDirectory(path);
        try
        {
            return new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(System.IO.Path.Combine(path, LockName)))
        {
            throw new FolderInUseException(path);
        }
    }

    /// <summary>The state of the training with a checksum, then the inference's own, which has one too.</summary>
    internal static void Write<TData>(Stream stream, Svi<TData> svi, TrainingState state)
    {
        using var kept = new MemoryStream();
        using (var writer = new BinaryWriter(kept, Encoding.UTF8, leaveOpen: true))
        {
            state.Write(writer);
        }

        var bytes = kept.ToArray();
        using (var frame = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            frame.Write(Magic);
            frame.Write(bytes.Length);
            frame.Write(SHA256.HashData(bytes));
            frame.Write(bytes);
        }

        svi.Save(stream);
    }

    private static TrainingState Load<TData>(Svi<TData> svi, string file)
    {
        ArgumentNullException.ThrowIfNull(svi);
        if (!File.Exists(file))
        {
            throw new CheckpointException($"{file} is not there, so there is nothing that was learnt; train first, or look in another folder.");
        }

        try
        {
            using var stream = File.OpenRead(file);
            var state = ReadState(stream);
            svi.Load(stream);
            return state;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{file} cannot be used ({cause.Message.TrimEnd('.')}); restore it, or train anew.", cause);
        }
    }

    private static TrainingState ReadState(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        var beginning = reader.ReadBytes(Magic.Length + 1);
        if (beginning.Length <= Magic.Length || beginning[0] != Magic.Length || !beginning.AsSpan(1).SequenceEqual(Encoding.UTF8.GetBytes(Magic)))
        {
            throw new CheckpointException("The checkpoint was not loaded: it is none of a training, or one of another version.");
        }

        try
        {
            var length = reader.ReadInt32();
            var hash = reader.ReadBytes(SHA256.HashSizeInBytes);
            var bytes = length is >= 0 and < LongestState ? reader.ReadBytes(length) : [];
            if (bytes.Length == length && SHA256.HashData(bytes).AsSpan().SequenceEqual(hash))
            {
                using var kept = new BinaryReader(new MemoryStream(bytes));
                return TrainingState.Read(kept);
            }
        }
        catch (Exception failure) when (failure is EndOfStreamException or ArgumentException)
        {
            // Cut off, which is one kind of damage.
        }

        throw new CheckpointException("The checkpoint was not loaded: the state of the training in it is cut off or damaged.");
    }
}
