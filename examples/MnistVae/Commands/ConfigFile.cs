using System.Text.Json;
using System.Text.Json.Nodes;
using MnistVae.Data;
using MnistVae.Runs;

namespace MnistVae.Commands;

/// <summary>Options that come from a file: a run's record, or a part of one.</summary>
/// <param name="Path">The file, as the user named it.</param>
/// <param name="Options">The file's options, and the defaults of those that it does not have.</param>
/// <param name="Data">The data of the run that wrote it, or null where no run did.</param>
public sealed record ConfigFile(string Path, TrainOptions Options, DataSource? Data)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="defaults">For the options that it does not have.</param>
    /// <param name="check">Says what is wrong with a value that is of its kind, or null.</param>
    public static ConfigFile Read(string path, TrainOptions defaults, Func<TrainOptions, string?> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var root = Parse(path);
        string[] known = ["format", "started", "options", "data"];
        RequireKnown(path, root, known, "part of a run's record", "parts");
        if (root["format"] is { } format && format.ToJsonString() != $"{RunRecord.CurrentFormat}")
        {
            throw new UserError($"--config {path} is of format {Shown(format.ToJsonString())}, but this version reads format {RunRecord.CurrentFormat}; name a run.json of this version.");
        }

        if (root["options"] is not JsonObject given)
        {
            throw new UserError($"--config {path} has no object 'options'; name the run.json of a run, or write a file like one.");
        }

        var options = Filled(path, given, defaults);
        if (check(options) is { } mistake)
        {
            throw new UserError($"--config {path}: {mistake}");
        }

        return new ConfigFile(path, options, root["data"] is { } data ? Deserialize(path, "data", data, RunJson.Default.DataSource) : null);
    }

    private static JsonObject Parse(string path)
    {
        try
        {
            // Names and texts are read here: one with half a surrogate pair is JSON, and no string.
            return JsonNode.Parse(File.ReadAllText(path), documentOptions: Strict) is JsonObject root && Named(root)
                ? root
                : throw new UserError($"--config {path} is no JSON object; name the run.json of a run, or write a file like one.");
        }
        catch (JsonException error)
        {
            throw new UserError($"--config {path} is no JSON ({error.Message.Split(". ")[0].TrimEnd('.')}, near line {error.LineNumber + 1}); put it right or name the run.json of a run.", error);
        }
        catch (InvalidOperationException error)
        {
            throw new UserError($"--config {path} has a name or a text that is no Unicode; put it right or name the run.json of a run.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--config {path} cannot be read ({error.Message.TrimEnd('.')}); name the run.json of a run.", error);
        }
    }

    private static bool Named(JsonNode? node) => node switch
    {
        JsonObject inner => inner.All(entry => Named(entry.Value)),
        JsonArray list => list.All(Named),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>() is not null,
        _ => true,
    };

    // What the file does not have stays as it is by default.
    private static TrainOptions Filled(string path, JsonObject given, TrainOptions defaults)
    {
        var whole = (JsonObject)JsonSerializer.SerializeToNode(defaults, RunJson.Default.TrainOptions)!;
        string[] names = [.. whole.Select(entry => entry.Key)];
        RequireKnown(path, given, names, "option of train", "names");
        foreach (var (name, value) in given)
        {
            whole[name] = value?.DeepClone();
        }

        return Deserialize(path, "options", whole, RunJson.Default.TrainOptions);
    }

    private static void RequireKnown(string path, JsonObject given, string[] names, string what, string list)
    {
        if (given.Select(entry => entry.Key).FirstOrDefault(name => !names.Contains(name)) is { } unknown)
        {
            throw new UserError($"--config {path} has '{Shown(unknown)}', which is no {what}; the {list} are {string.Join(", ", names)}.");
        }
    }

    // What a broken file holds may be long, and may break lines.
    private static string Shown(string text)
    {
        string line = string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
        return line.Length <= 80 ? line : line[..80] + "...";
    }

    private static T Deserialize<T>(string path, string part, JsonNode node, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return node.Deserialize(type) ?? throw new UserError($"--config {path} has nothing under '{part}'; name the run.json of a run.");
        }
        catch (JsonException error)
        {
            string place = error.Path?.TrimStart('$').TrimStart('.') is { Length: > 0 } inner ? $"{part}.{inner}" : part;
            string value = error.Path?.Split('.') is [_, var name, ..] && node[name.Split('[')[0]] is { } wrong ? wrong.ToJsonString() : "null";
            throw new UserError($"--config {path} has {Shown(value)} at {Shown(place)}, which is not of that option's kind; see a run.json for how it is written.", error);
        }
    }
}
