using System.Text.Json;
using System.Text.Json.Serialization;

namespace MnistVae;

/// <summary>What a run was started with, or goes on with; kept as run.json. A file that somebody wrote by hand may have the options alone.</summary>
public sealed record RunRecord
{
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public int Format { get; init; } = CurrentFormat;
    public DateTimeOffset? Started { get; init; }
    public required TrainOptions Options { get; init; }

    /// <summary>The data of the run that wrote it, or null where no run did.</summary>
    [JsonPropertyName("data")]
    public DataSource? Source { get; init; }

    /// <summary>The data of the run.</summary>
    [JsonIgnore]
    public DataSource Data => Source ?? throw new InvalidOperationException("This record is of no run.");

    public static RunRecord Start(TrainOptions options, DataSource data) => new() { Started = DateTimeOffset.Now, Options = options, Source = data };

    public void Write(Stream stream) => JsonSerializer.Serialize(stream, this, Json);

    /// <summary>The options as JSON has them, in the record's order.</summary>
    public IEnumerable<JsonProperty> ListOptions() => JsonSerializer.SerializeToElement(Options, Json).EnumerateObject();

    /// <summary>Reads a run's record.</summary>
    public static RunRecord Read(string path)
    {
        var record = Read(path, path);
        return record.Source is { TrainCount: >= 1 } ? record : throw new UserError($"{path} does not tell of its run's data with a trainCount of 1 or more; restore it or start a new run.");
    }

    /// <summary>Reads a record, or a part of one: what the file does not have stays as it is by default.</summary>
    /// <param name="name">What the user called it.</param>
    public static RunRecord Read(string path, string name)
    {
        string text = "";
        try
        {
            text = File.ReadAllText(path);
            var record = JsonSerializer.Deserialize<RunRecord>(text, Json);
            if (record is not { Format: CurrentFormat })
            {
                throw new UserError($"{name} is of format {record?.Format.ToString() ?? "null"}, but this version reads format {CurrentFormat}; name the run.json of a run of this version, or start a new run.");
            }

            // A number that train would not take would end in the midst of a network.
            return OptionTable.Problem(record.Options) is { } problem ? throw new UserError($"{name} has a value that no run has ({problem.TrimEnd('.')}); put it right or start a new run.") : record;
        }
        catch (JsonException error)
        {
            throw new UserError($"{name} is no record of a run: {Place(error, text)}; write it as a run.json is, or restore it.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{name} cannot be read ({error.Message.TrimEnd('.')}); name the run.json of a run that this user may read.", error);
        }
    }

    // The line, which may be long, and the member that is not as it should be.
    private static string Place(JsonException error, string text)
    {
        string line = text.Split('\n').ElementAtOrDefault((int)(error.LineNumber ?? 0))?.Trim() ?? "";
        string member = error.Path?.TrimStart('$', '.') is { Length: > 0 } path ? $" at {path}" : "";
        return $"something is amiss in line {error.LineNumber + 1 ?? 1}{member}, '{(line.Length <= 80 ? line : line[..80] + "...")}'";
    }
}
