using System.Text.Json;

namespace ProbVae.Examples.Posteriors.Reference;

/// <summary>What long Markov chains told of one number of a posterior.</summary>
public sealed record ReferenceMoments(double Mean, double StandardDeviation);

/// <summary>One posterior of the file: its data, and its moments by parameter.</summary>
public sealed record ReferencePosterior(string Name, PosteriorData Data, IReadOnlyDictionary<string, ReferenceMoments> Moments);

/// <summary>Finds and reads the file of reference posteriors, an extract of posteriordb.</summary>
public static class PosteriorFile
{
    /// <summary>The environment variable that names the file.</summary>
    public const string Variable = "PROBVAE_POSTERIORS";

    /// <summary>Where the collection is, and how to give the file to the program.</summary>
    public const string Missing =
        "The file of reference posteriors is not at hand. Data and reference draws are in posteriordb (https://github.com/stan-dev/posteriordb); " +
        $"give an extract of them with --file PATH or {Variable}=PATH, laid out as docs/posteriors.md says.";

    /// <summary>The named file, else the variable's, else the one in shared/reference beside the repository; null where there is none.</summary>
    public static string? Find(string? named) => named ?? Candidates().FirstOrDefault(File.Exists);

    /// <summary>Reads the posteriors.</summary>
    /// <exception cref="JsonException">The file is not JSON.</exception>
    public static IReadOnlyList<ReferencePosterior> Read(string path)
    {
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.GetProperty("posteriors").EnumerateArray().Select(entry => new ReferencePosterior(
            entry.GetProperty("posterior").GetString()!,
            new PosteriorData(entry.GetProperty("data").Clone()),
            entry.GetProperty("reference").EnumerateObject().ToDictionary(
                parameter => parameter.Name,
                parameter => new ReferenceMoments(parameter.Value.GetProperty("mean").GetDouble(), parameter.Value.GetProperty("sd").GetDouble()))))];
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            yield return named;
        }

        // The repository's root is the first folder above that has ProbVae.sln.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ProbVae.sln")))
            {
                yield return Path.Combine(folder.FullName, "..", "shared", "reference", "posteriors.json");
            }
        }
    }
}
