namespace MnistVae;

/// <summary>A folder with <c>mnist/</c> and <c>binarized_mnist/</c>, or with the files lying in it directly.</summary>
public sealed class DataFolder(string path)
{
    public const string MnistSubfolder = "mnist";
    public const string BinarizedSubfolder = "binarized_mnist";

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The four idx files, or null where the folder has none of them; some but not all is an error.</summary>
    public IReadOnlyList<string>? FindMnist() => FindAll(PublishedFiles.Mnist, MnistSubfolder);

    /// <summary>The three amat files, or null where the folder has none of them; some but not all is an error.</summary>
    public IReadOnlyList<string>? FindBinarized() => FindAll(PublishedFiles.BinarizedMnist, BinarizedSubfolder);

    /// <summary>
    /// Where the file lies, or null. It may be gzipped or not, under its published name or as archives spell it
    /// (<c>train-images.idx3-ubyte</c>), and in a folder of its own name, as some unpack it.
    /// </summary>
    public string? Find(PublishedFile file, string subfolder)
    {
        string[] names = [file.Name, file.Name.Replace("-idx", ".idx", StringComparison.Ordinal)];
        string[] candidates =
        [
            .. from folder in new[] { System.IO.Path.Combine(Path, subfolder), Path }
               from name in names.Distinct()
               from ending in new[] { "", ".gz" }
               select System.IO.Path.Combine(folder, name + ending),
        ];
        return Array.Find(candidates, File.Exists)
            ?? candidates.Select(candidate => System.IO.Path.Combine(candidate, System.IO.Path.GetFileName(candidate))).FirstOrDefault(File.Exists)
            ?? Array.Find(candidates, System.IO.Path.Exists);
    }

    /// <summary>Complains where the folder itself is missing, or a file.</summary>
    /// <param name="setting">What named the folder, as the user wrote it.</param>
    public void EnsureReadable(string setting)
    {
        if (!Directory.Exists(Path))
        {
            throw new UserError($"{setting} names {Path}, which {(File.Exists(Path) ? "is a file" : "does not exist")}; name the folder that holds {MnistSubfolder}/ or the idx files.");
        }
    }

    private List<string>? FindAll(IReadOnlyList<PublishedFile> files, string subfolder)
    {
        var found = files.Select(file => Find(file, subfolder)).ToList();
        if (found.TrueForAll(file => file is null))
        {
            return null;
        }

        int missing = found.IndexOf(null);
        return missing < 0
            ? [.. found.OfType<string>()]
            : throw new UserError($"{Path} has {System.IO.Path.GetFileName(found.Find(file => file is not null))} but not {files[missing].Name} (or {files[missing].Name}.gz); add the missing file or name another folder.");
    }
}
