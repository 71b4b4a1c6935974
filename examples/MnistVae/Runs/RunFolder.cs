using MnistVae.Commands;
using ProbVae.Training;

namespace MnistVae.Runs;

/// <summary>The folder of one training run: run.json, history.csv, and what training puts beside them.</summary>
public sealed class RunFolder
{
    public const string RecordName = "run.json";
    public const string HistoryName = "history.csv";
    public const string ValidationName = "validation.csv";

    private RunFolder(string folder, RunRecord record)
    {
        Folder = folder;
        Record = record;
        History = new History<EpochRow>(PathOf(HistoryName));
        Validations = new History<ValidationRow>(PathOf(ValidationName));
    }

    public string Folder { get; }

    public RunRecord Record { get; }

    /// <summary>The epochs.</summary>
    public History<EpochRow> History { get; }

    /// <summary>The measurements of the validation images.</summary>
    public History<ValidationRow> Validations { get; }

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

        try
        {
            if (!isRun && Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => !AtomicFile.IsUnfinished(entry)))
            {
                throw new UserError($"{folder} holds files but no run ({RecordName} is missing), so it is left alone; name an empty or new folder with --run.");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{folder} cannot be looked into ({error.Message.TrimEnd('.')}); name another folder with --run.", error);
        }
    }

    /// <summary>Starts a run; with <paramref name="overwrite"/> the files of the run that lies there are removed first.</summary>
    public static RunFolder Create(string folder, RunRecord record, bool overwrite)
    {
        ArgumentNullException.ThrowIfNull(record);
        folder = Path.GetFullPath(folder);
        EnsureFree(folder, overwrite);
        RemoveOldRun(folder);
        AtomicFile.Write(Path.Combine(folder, RecordName), record.Write);
        return new RunFolder(folder, record);
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
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfInUse(Folder);
        Remove(AtomicFile.IsUnfinished);
        var record = Record with { Options = options };
        if (record != Record)
        {
            Write(RecordName, record.Write);
        }

        return new RunFolder(Folder, record);
    }

    /// <summary>Whether there is more than the record and the rows of a run: a checkpoint, pictures, another's files.</summary>
    public bool HoldsMore => Directory.EnumerateFileSystemEntries(Folder)
        .Any(entry => Path.GetFileName(entry) is not (RecordName or HistoryName or ValidationName) && !AtomicFile.IsUnfinished(entry));

    /// <summary>Removes a run that ended before its first checkpoint, so that its folder is free for another try.</summary>
    public void Discard()
    {
        Remove(file => Path.GetFileName(file) is HistoryName or ValidationName || AtomicFile.IsUnfinished(file));
        Remove(file => Path.GetFileName(file) is RecordName);
        if (!Directory.EnumerateFileSystemEntries(Folder).Any())
        {
            Directory.Delete(Folder);
        }
    }

    public string PathOf(string name) => Path.Combine(Folder, name);

    public bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>Writes one of the run's files, whole or not at all.</summary>
    public void Write(string name, Action<Stream> write) => AtomicFile.Write(PathOf(name), write);

    private static void ThrowIfInUse(string folder)
    {
        try
        {
            new TrainingFolder(folder).ThrowIfInUse();
        }
        catch (FolderInUseException taken)
        {
            throw new UserError(taken.Message, taken);
        }
        catch (UnauthorizedAccessException)
        {
            // A folder that this user may not write to is another sentence, told where something is written.
        }
    }

    // run.json goes last, so that a removal that was interrupted can be repeated.
    private static void RemoveOldRun(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        ThrowIfInUse(folder);
        try
        {
            foreach (string file in Directory.GetFiles(folder).OrderBy(file => Path.GetFileName(file) == RecordName))
            {
                File.Delete(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"The run in {folder} could not be removed ({error.Message.TrimEnd('.')}); remove it yourself or name another folder with --run.", error);
        }
    }

    private void Remove(Func<string, bool> which)
    {
        try
        {
            foreach (string file in Directory.GetFiles(Folder).Where(which))
            {
                File.Delete(file);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"Files of the run in {Folder} could not be removed ({error.Message.TrimEnd('.')}); remove them yourself or name another folder with --run.", error);
        }
    }
}
