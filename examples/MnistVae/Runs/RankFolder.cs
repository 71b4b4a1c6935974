namespace MnistVae;

/// <summary>Where a process other than the first of several works, as only the first writes the run: a folder of its own, removed in the end.</summary>
internal sealed class RankFolder : IDisposable
{
    /// <param name="run">The run to go on with, whose files are copied; null for a new one.</param>
    public RankFolder(string? run)
    {
        Path = Directory.CreateTempSubdirectory("mnist-vae-rank-").FullName;
        string[] files = run is not null && Directory.Exists(run) ? Directory.GetFiles(run) : [];
        foreach (string file in files.Where(file => System.IO.Path.GetFileName(file)[0] != '.'))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
