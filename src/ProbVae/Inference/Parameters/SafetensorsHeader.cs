using System.Buffers.Binary;
using System.Text.Json;

namespace ProbVae;

/// <summary>A safetensors header: the tensors in the order of their bytes, which fill the data without gap or overlap, and texts about them.</summary>
internal sealed record SafetensorsHeader(IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    public const string MetadataName = "__metadata__";

    /// <summary>Bytes of a header beyond which the format's other readers refuse a file.</summary>
    private const long Longest = 100_000_000;

    private const int PartSize = 1 << 16;

    /// <summary>Reads length and header, and checks all of it.</summary>
    public static SafetensorsHeader Read(Stream source)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        var read = source.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        Require(read == prefix.Length, $"It is cut off: it has {read} bytes, and the header's length alone takes {prefix.Length}.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        Require(length is >= 2 and <= Longest, $"Its header would be {length} bytes long; expected 2 to {Longest}. It is damaged, or no safetensors file.");
        Require(!source.CanSeek || (ulong)(source.Length - source.Position) >= length, $"It is cut off: its header should be {length} bytes long, and it ends before.");
        var bytes = Bytes(source, (long)length);
        Require(bytes.Length == (long)length, $"It is cut off: its header should be {length} bytes long, and it ends before.");
        Require(bytes[0] == (byte)'{', "Its header does not begin with '{'; it is damaged, or no safetensors file.");
        return Parse(bytes);
    }

    private static SafetensorsHeader Parse(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Checked(json.RootElement);
        }
        catch (JsonException failure)
        {
            throw new SafetensorsException([$"Its header is not well-formed JSON: {failure.Message}"], failure);
        }
        catch (InvalidOperationException failure)
        {
            // A name or text with half a surrogate pair: JSON lets it pass, and it is no string.
            throw new SafetensorsException(["Its header has a name or a text that is no Unicode."], failure);
        }
    }

    /// <summary>As many bytes as are claimed, or fewer where the source ends before: memory grows with what is there.</summary>
    public static byte[] Bytes(Stream source, long length)
    {
        var bytes = new byte[Math.Min(length, PartSize)];
        var read = 0;
        while (true)
        {
            read += source.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, throwOnEndOfStream: false);
            if (read < bytes.Length)
            {
                return bytes[..read];
            }

            if (read >= Math.Min(length, Array.MaxLength))
            {
                return bytes;
            }

            Array.Resize(ref bytes, (int)Math.Min(Math.Min(length, Array.MaxLength), 2L * bytes.Length));
        }
    }

    private static SafetensorsHeader Checked(JsonElement root)
    {
        var problems = new List<string>();
        var metadata = new Dictionary<string, string>();
        var entries = new List<SafetensorsEntry>();
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name == MetadataName)
            {
                ReadMetadata(property.Value, metadata, problems);
            }
            else if (SafetensorsEntry.Read(property, problems) is { } entry)
            {
                entries.Add(entry);
            }
        }

        entries.Sort((one, other) => (one.Begin, one.End).CompareTo((other.Begin, other.End)));
        if (problems.Count == 0)
        {
            problems.AddRange(Misplaced(entries));
        }

        return problems.Count == 0 ? new(entries, metadata) : throw new SafetensorsException(problems);
    }

    private static void ReadMetadata(JsonElement value, Dictionary<string, string> metadata, List<string> problems)
    {
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(field => field.Value.ValueKind != JsonValueKind.String))
        {
            problems.Add($"Its {MetadataName} is not an object of texts.");
            return;
        }

        foreach (var field in value.EnumerateObject())
        {
            metadata.Add(field.Name, field.Value.GetString()!);
        }
    }

    private static IEnumerable<string> Misplaced(List<SafetensorsEntry> entries)
    {
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
            {
                yield return entry.Begin < end
                    ? $"Tensor '{entry.Name}' begins at byte {entry.Begin} of the data and overlaps the tensor before it, which ends at {end}."
                    : $"Tensor '{entry.Name}' begins at byte {entry.Begin} of the data, and the bytes from {end} on belong to no tensor.";
            }

            end = Math.Max(end, entry.End);
        }
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new SafetensorsException([problem]);
        }
    }
}
