namespace MnistVae;

/// <summary>The folder of one training run: run.json, history.csv, and what training puts beside them.</summary>
public sealed class RunFolder
{
    public const string RecordName = "run.json";
    public const string HistoryName = "history.csv";
    public const string ValidationName = "validation.csv";

    private RunFolder(string folder, RunRecord record) => (Folder, Record) = (folder, record);

    public string Folder { get; }

    public RunRecord Record { get; }

    /// <summary>The checkpoints.</summary>
    public TrainingFolder Training => new(Folder);

    /// <summary>The epochs.</summary>
    public TrainingHistory<EpochRow> History => new(PathOf(HistoryName));

    /// <summary>The measurements of the validation images.</summary>
    public TrainingHistory<ValidationRow> Validations => new(PathOf(ValidationName));

    /// <summary>Whether there is more than the record and the rows of a run: a checkpoint, pictures, another's files.</summary>
    public bool HoldsMore => Directory.EnumerateFileSystemEntries(Folder)
        .Any(entry => Path.GetFileName(entry) is not (RecordName or HistoryName or ValidationName) && !WholeFile.IsUnfinished(entry));

    /// <summary>Complains where a new run may not be put; called before long work, so that nothing is done in vain.</summary>
    public static void EnsureFree(string folder, bool overwrite)
    {
        if (File.Exists(folder))
        {
            throw new UserError($"{folder} is a file, so no run can be put there; name another folder with --run.");
        }

        bool isRun = File.Exists(Path.Combine(folder, RecordName));
        if (isRun && !overwrite)
        {
            throw new UserError($"{folder} already holds a run; go on with it by --resume, replace it by --overwrite, or name another folder with --run.");
        }

        if (!isRun && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => !WholeFile.IsUnfinished(entry)))
        {
            throw new UserError($"{folder} holds files but no run ({RecordName} is missing), so it is left alone; name an empty or new folder with --run.");
        }
    }

    /// <summary>Starts a run; with <paramref name="overwrite"/> the files of the run that lies there are removed first.</summary>
    public static RunFolder Create(string folder, RunRecord record, bool overwrite)
    {
        var run = new RunFolder(Path.GetFullPath(folder), record);
        EnsureFree(run.Folder, overwrite);
        if (Directory.Exists(run.Folder))
        {
            run.Training.ThrowIfInUse();
            run.Remove(_ => true);
        }

        run.Write(RecordName, record.Write);
        return run;
    }

    /// <summary>Opens the run that lies in the folder.</summary>
    public static RunFolder Open(string folder)
    {
        folder = Path.GetFullPath(folder);
        string path = Path.Combine(folder, RecordName);
        return File.Exists(path)
            ? new RunFolder(folder, RunRecord.Read(path))
            : throw new UserError($"{folder} holds no run ({RecordName} is missing); train one there first or name another folder with --run.");
    }

    /// <summary>
    /// The same run with the options that it goes on with, so that its record starts what it has become; what a killed program left
    /// unfinished is removed.
    /// </summary>
    public RunFolder GoOnWith(TrainOptions options)
    {
        Training.ThrowIfInUse();
        Remove(WholeFile.IsUnfinished);
        var record = Record with { Options = options };
        if (record != Record)
        {
            Write(RecordName, record.Write);
        }

        return new RunFolder(Folder, record);
    }

    /// <summary>Removes a run that ended before its first checkpoint, so that its folder is free for another try.</summary>
    public void Discard()
    {
        Remove(file => Path.GetFileName(file) is RecordName or HistoryName or ValidationName || WholeFile.IsUnfinished(file));
        if (!Directory.EnumerateFileSystemEntries(Folder).Any())
        {
            Directory.Delete(Folder);
        }
    }

    public string PathOf(string name) => Path.Combine(Folder, name);

    public bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>Writes one of the run's files, whole or not at all.</summary>
    public void Write(string name, Action<Stream> write) => WholeFile.Write(PathOf(name), write);

    // run.json goes last, so that a removal that was interrupted can be repeated.
    private void Remove(Func<string, bool> which)
    {
        foreach (string file in Directory.GetFiles(Folder).Where(which).OrderBy(file => Path.GetFileName(file) == RecordName))
        {
            File.Delete(file);
        }
    }
}
