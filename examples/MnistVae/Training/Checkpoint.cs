namespace MnistVae;

/// <summary>The checkpoints of a run's folder, where what is wrong with one is a sentence.</summary>
public static class Checkpoint
{
    /// <summary>Where training stands.</summary>
    public const string Name = TrainingFolder.LastName;

    /// <summary>Where the validation images did best so far.</summary>
    public const string BestName = TrainingFolder.BestName;

    /// <summary>Loads one of them.</summary>
    public static TrainingState Load(RunFolder run, Svi<ImageBatch> svi, string name = Name)
    {
        var folder = new TrainingFolder(run.Folder);
        return Sentence(run, name, () => name == BestName ? folder.LoadBest(svi) : folder.Load(svi));
    }

    /// <summary>Loads the best checkpoint where the run has one, else the last.</summary>
    public static TrainingState LoadBest(RunFolder run, Svi<ImageBatch> svi) => Load(run, svi, run.Has(BestName) ? BestName : Name);

    /// <summary>What reads a checkpoint, and says in a sentence why it cannot.</summary>
    public static T Sentence<T>(RunFolder run, string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FileNotFoundException)
        {
            throw new UserError($"{run.Folder} holds no {name}, so there is nothing that was learnt; train the run first.");
        }
        catch (Exception error) when (error is not FolderInUseException && error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{run.PathOf(name)} cannot be used ({error.Message.TrimEnd('.')}); restore it or train the run again with --overwrite.", error);
        }
    }
}
