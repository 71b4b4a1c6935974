using System.Text;
using MnistVae.Data;
using MnistVae.Runs;
using ProbVae;

namespace MnistVae.Training;

/// <summary>The checkpoints of a run: the state of its training, then the inference's own.</summary>
public static class Checkpoint
{
    /// <summary>Where training stands.</summary>
    public const string Name = "checkpoint.bin";

    /// <summary>Where the validation images did best so far.</summary>
    public const string BestName = "best.bin";

    public static void Save(RunFolder run, Svi<ImageBatch> svi, TrainingState state, string name = Name)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(svi);
        ArgumentNullException.ThrowIfNull(state);
        run.Write(name, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            state.Write(writer);
            writer.Flush();
            svi.Save(stream);
        });
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
            using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
            var state = TrainingState.Read(reader);
            svi.Load(stream);
            return state;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
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
}
