using System.Security.Cryptography;
using System.Text;

namespace ProbVae.Training;

/// <summary>The checkpoints of a training: where it stands, and where the validation data did best.</summary>
/// <param name="path">The folder; it is made when the first checkpoint is written.</param>
public sealed class TrainingFolder(string path)
{
    /// <summary>The file of where training stands.</summary>
    public const string LastName = "checkpoint.bin";

    /// <summary>The file of where the validation data did best.</summary>
    public const string BestName = "best.bin";

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
    /// <exception cref="CheckpointException">It is no checkpoint, one of another model, or damaged; nothing was changed.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public TrainingState Load<TData>(Svi<TData> svi) => Load(svi, Last);

    /// <summary>Loads where the validation data did best; where there is no such file, where training stands.</summary>
    /// <typeparam name="TData">The model's data.</typeparam>
    /// <param name="svi">An inference like the one that was trained.</param>
    /// <exception cref="CheckpointException">It is no checkpoint, one of another model, or damaged; nothing was changed.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public TrainingState LoadBest<TData>(Svi<TData> svi) => Load(svi, HasBest ? Best : Last);

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
        using var stream = File.OpenRead(file);
        var state = ReadState(stream);
        svi.Load(stream);
        return state;
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
        catch (EndOfStreamException)
        {
            // Cut off, which is one kind of damage.
        }

        throw new CheckpointException("The checkpoint was not loaded: the state of the training in it is cut off or damaged.");
    }
}
