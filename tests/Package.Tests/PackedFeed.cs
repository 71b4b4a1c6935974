using System.IO.Compression;

namespace Package.Tests;

/// <summary>All packages of the repository, packed once into a feed of the tests' own under a version that no machine has.</summary>
public sealed class PackedFeed : IDisposable
{
    /// <summary>What the repository packs.</summary>
    public static readonly IReadOnlyList<string> Packages = ["ProbVae", "ProbVae.Mpi", "ProbVae.Training", "ProbVae.Reports", "ProbVae.Templates"];

    private readonly string _folder = Directory.CreateTempSubdirectory("probvae-package-").FullName;

    public PackedFeed()
    {
        foreach (var package in Packages)
        {
            DotNet.Run(Root, "pack", $"src/{package}", "-c", "Release", "-o", Feed, "--artifacts-path", Path.Combine(_folder, "artifacts"), $"-p:Version={Version}");
        }
    }

    /// <summary>A version of its own: NuGet keeps what it has once unpacked.</summary>
    public string Version { get; } = $"0.1.0-test.{DateTime.UtcNow.Ticks}";

    /// <summary>The folder of the packages.</summary>
    public string Feed => Path.Combine(_folder, "feed");

    /// <summary>The repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A folder outside the repository.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>The paths in a package.</summary>
    public IReadOnlyList<string> Contents(string package, string extension)
    {
        using var zip = ZipFile.OpenRead(Path.Combine(Feed, $"{package}.{Version}.{extension}"));
        return [.. zip.Entries.Select(entry => entry.FullName)];
    }

    /// <summary>Runs the command where NuGet sees the feed; fails the test where it does not end well.</summary>
    public string Run(string folder, params string[] arguments) => DotNet.Run(folder, arguments, Feed);

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var unpacked in Packages.Select(package => Path.Combine(cache, package.ToLowerInvariant(), Version)).Where(Directory.Exists))
        {
            Directory.Delete(unpacked, recursive: true);
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ProbVae.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No ProbVae.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
