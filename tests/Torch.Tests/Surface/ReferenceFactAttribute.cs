using Xunit;

namespace Torch.Tests.Surface;

/// <summary>A test that needs the listing of TorchSharp's public surface, and is skipped where that file is not at hand.</summary>
public sealed class ReferenceFactAttribute : FactAttribute
{
    public ReferenceFactAttribute()
    {
        if (Listing is null) Skip = "torchsharp-0.106-api.txt is at hand neither under PROBVAE_SHARED nor in ../shared/reference.";
    }

    internal static string? Listing { get; } = Candidates().FirstOrDefault(File.Exists);

    private static IEnumerable<string> Candidates()
    {
        const string file = "torchsharp-0.106-api.txt";
        if (Environment.GetEnvironmentVariable("PROBVAE_SHARED") is { Length: > 0 } shared) yield return Path.Combine(shared, "reference", file);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props"))) yield return Path.Combine(folder.FullName, "..", "shared", "reference", file);
        }
    }
}
