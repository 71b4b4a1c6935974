using System.Security.Cryptography;
using System.Text;
using MnistVae.Data;
using MnistVae.Runs;
using ProbVae;

namespace MnistVae.Training;

/// <summary>The checkpoints of a run: the state of its training with a checksum, then the inference's own, which has one too.</summary>
public static class Checkpoint
{
    /// <summary>Where training stands.</summary>
    public const string Name = "checkpoint.bin";

    /// <summary>Where the validation images did best so far.</summary>
    public const string BestName = "best.bin";

    private const string Magic = "MnistVae training 2";

    public static void Save(RunFolder run, Svi<ImageBatch> svi, TrainingState state, string name = Name)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(svi);
        ArgumentNullException.ThrowIfNull(state);
        run.Write(name, stream => Write(stream, svi, state));
    }

    /// <summary>Writes both states one after the other.</summary>
    public static void Write(Stream stream, Svi<ImageBatch> svi, TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(svi);
        ArgumentNullException.ThrowIfNull(state);
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

    public static TrainingState Load(RunFolder run, Svi<ImageBatch> svi, string name = Name)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(svi);
        if (!run.Has(name))
        {
            throw new UserError($"{run.Folder} holds no {name}, so there is nothing that was learnt; train the run first.");
        }

        try
        {
            using var stream = File.OpenRead(run.PathOf(name));
            var state = ReadState(stream);
            svi.Load(stream);
            return state;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserError($"{run.PathOf(name)} cannot be used ({error.Message.TrimEnd('.')}); restore it or train the run again with --overwrite.", error);
        }
    }

    /// <summary>Loads the best checkpoint where the run has one, else the last.</summary>
    public static TrainingState LoadBest(RunFolder run, Svi<ImageBatch> svi)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Load(run, svi, run.Has(BestName) ? BestName : Name);
    }

    private static TrainingState ReadState(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        Span<byte> beginning = stackalloc byte[Magic.Length + 1];
        var isFramed = stream.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false) == beginning.Length
            && beginning[0] == Magic.Length
            && beginning[1..].SequenceEqual(Encoding.UTF8.GetBytes(Magic));
        if (!isFramed)
        {
            // The first format began with the sums; the inference's state behind it tells whether it was one.
            stream.Position = 0;
            return TrainingState.ReadFirst(reader);
        }

        var length = reader.ReadInt32();
        var hash = reader.ReadBytes(SHA256.HashSizeInBytes);
        var bytes = length is >= 0 and < 4096 ? reader.ReadBytes(length) : [];
        if (bytes.Length != length || !SHA256.HashData(bytes).AsSpan().SequenceEqual(hash))
        {
            throw new InvalidDataException("the state of the training in it is cut off or damaged");
        }

        using var kept = new BinaryReader(new MemoryStream(bytes));
        return TrainingState.Read(kept);
    }
}
