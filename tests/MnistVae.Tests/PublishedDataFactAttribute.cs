using System.Runtime.CompilerServices;

namespace MnistVae.Tests;

/// <summary>A test that runs where the published files lie in PROBVAE_DATA or in shared/data beside the repository.</summary>
public sealed class PublishedDataFactAttribute : FactAttribute
{
    public PublishedDataFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (Folder is null)
        {
            Skip = "The published files of MNIST are not on this machine; set PROBVAE_DATA to their folder.";
        }
    }

    public static string? Folder { get; } = Candidates().FirstOrDefault(IsComplete);

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("PROBVAE_DATA") is { Length: > 0 } named)
        {
            yield return named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "shared", "data");
        }
    }

    private static bool IsComplete(string folder) =>
        Directory.Exists(Path.Combine(folder, "mnist")) && Directory.Exists(Path.Combine(folder, "binarized_mnist"));
}
