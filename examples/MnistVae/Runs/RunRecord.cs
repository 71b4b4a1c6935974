using System.Text.Json;
using System.Text.Json.Serialization;
using MnistVae.Commands;
using MnistVae.Data;

namespace MnistVae.Runs;

/// <summary>What a run was started with, or goes on with; kept as run.json.</summary>
public sealed record RunRecord(int Format, DateTimeOffset Started, TrainOptions Options, DataSource Data)
{
    public const int CurrentFormat = 1;

    public static RunRecord Start(TrainOptions options, DataSource data) => new(CurrentFormat, DateTimeOffset.Now, options, data);

    public void Write(Stream stream) => JsonSerializer.Serialize(stream, this, RunJson.Default.RunRecord);

    public static RunRecord Read(string path)
    {
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllText(path), RunJson.Default.RunRecord);
            if (record is not { Format: CurrentFormat, Options: not null, Data: not null })
            {
                throw new UserError($"{path} is not a record of format {CurrentFormat}; name a run of this version or start a new one.");
            }

            // A number that train would not take would end in the midst of a network.
            string? problem = TrainOptionTable.Problem(record.Options) ?? (record.Data.TrainCount < 1 ? $"trainCount is {record.Data.TrainCount}, but it must be 1 or more" : null);
            return problem is null ? record : throw new UserError($"{path} has a value that no run has ({problem.TrimEnd('.')}); restore it or start a new run.");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path} is damaged near line {error.LineNumber + 1}; restore it or start a new run.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path} cannot be read ({error.Message.TrimEnd('.')}); check that this user may read it.", error);
        }
    }
}

/// <summary>How the record looks as JSON: indented, camel case, enumerations by name.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(TrainOptions))]
[JsonSerializable(typeof(DataSource))]
internal sealed partial class RunJson : JsonSerializerContext;
