using System.Text.Json;

namespace MnistVae.Explore;

/// <summary>The fields of a request's body, a JSON object of which each field is asked for once; anything else is refused with a sentence.</summary>
public sealed class ExploreBody : IDisposable
{
    private readonly JsonDocument document;
    private readonly IReadOnlyList<string> names;
    private readonly HashSet<string> asked = [];

    private ExploreBody(JsonDocument document, IReadOnlyList<string> names) => (this.document, this.names) = (document, names);

    /// <exception cref="UserError">It is no JSON object.</exception>
    public static ExploreBody Parse(byte[] bytes)
    {
        JsonDocument? document = null;
        string[]? names;
        try
        {
            document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 2, AllowDuplicateProperties = false });
            names = document.RootElement.ValueKind == JsonValueKind.Object ? [.. document.RootElement.EnumerateObject().Select(property => property.Name)] : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second kind is a name with half a surrogate pair: JSON lets it pass, and it is no string.
            document?.Dispose();
            throw new UserError("The body is no well-formed JSON object of numbers and lists of numbers, each name given once.", error);
        }

        if (names is null)
        {
            document.Dispose();
            throw new UserError("The body is no JSON object; send one with the fields by name.");
        }

        return new ExploreBody(document, names);
    }

    /// <summary>So many finite numbers.</summary>
    public float[] Numbers(string name, int count, double low, double high)
    {
        var field = Field(name);
        if (field.ValueKind != JsonValueKind.Array || field.GetArrayLength() != count)
        {
            throw new UserError($"'{name}' is {(field.ValueKind == JsonValueKind.Array ? $"a list of {field.GetArrayLength()}" : "no list")}, but it must be a list of {count} numbers.");
        }

        float[] values = new float[count];
        int at = 0;
        foreach (var item in field.EnumerateArray())
        {
            // A number too large for a double is read as infinite, which no bound lets pass.
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetDouble(out double value) || !(value >= low && value <= high))
            {
                throw new UserError($"'{name}' has something else than a number from {low} to {high} in place {at}.");
            }

            values[at++] = (float)value;
        }

        return values;
    }

    /// <summary>A whole number.</summary>
    public int Whole(string name, int low, int high)
    {
        var field = Field(name);
        return field.ValueKind == JsonValueKind.Number && field.TryGetInt32(out int value) && value >= low && value <= high
            ? value
            : throw new UserError($"'{name}' must be a whole number from {low} to {high}.");
    }

    /// <summary>Refuses what nobody asked for.</summary>
    public void NoMore()
    {
        if (names.FirstOrDefault(name => !asked.Contains(name)) is { } other)
        {
            throw new UserError($"'{Shortened(other)}' is no field of this request; the fields are {string.Join(", ", asked)}.");
        }
    }

    public void Dispose() => document.Dispose();

    private JsonElement Field(string name)
    {
        asked.Add(name);
        return document.RootElement.TryGetProperty(name, out var field) ? field : throw new UserError($"'{name}' is missing in the body.");
    }

    private static string Shortened(string name) => name.Length <= 40 ? name : name[..40] + "...";
}
