using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Tensors by name in a file that other languages read: the safetensors format, version 1. Eight bytes hold the header's length
/// (little-endian), the header is JSON padded with spaces to a multiple of eight bytes, and the tensors' bytes follow one
/// another, little-endian and row-major.
/// </summary>
public static class Safetensors
{
    /// <summary>Writes tensors and texts about them.</summary>
    /// <param name="destination">A stream to write to.</param>
    /// <param name="tensors">The tensors by name, on any device.</param>
    /// <param name="metadata">Texts that go into the header, if any.</param>
    /// <exception cref="ArgumentException">A tensor has a type that the format lacks, or the reserved name <c>__metadata__</c>.</exception>
    public static void Save(Stream destination, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(tensors);
        var ordered = Ordered(tensors);
        var header = Header(ordered, metadata);
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        destination.Write(prefix);
        destination.Write(header);
        foreach (var (_, tensor) in ordered)
        {
            using var scope = NewDisposeScope();
            destination.Write(LittleEndian(tensor.detach().cpu().contiguous().bytes.ToArray(), tensor.dtype));
        }
    }

    /// <summary>Writes tensors to a file, which is there whole or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="tensors">The tensors by name, on any device.</param>
    /// <param name="metadata">Texts that go into the header, if any.</param>
    /// <exception cref="ArgumentException">A tensor has a type that the format lacks, or the reserved name <c>__metadata__</c>.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var unfinished = path + ".unfinished";
        try
        {
            using (var stream = File.Create(unfinished))
            {
                Save(stream, tensors, metadata);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Reads a file that ends where its tensors end.</summary>
    /// <param name="source">A stream to read from, up to its end.</param>
    /// <exception cref="SafetensorsException">It is not well-formed; the message lists why.</exception>
    public static SafetensorsFile Load(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var header = SafetensorsHeader.Read(source);
        var size = header.Entries.Count == 0 ? 0 : header.Entries[^1].End;
        if (source.CanSeek && source.Length - source.Position != size)
        {
            throw WrongSize(size, source.Length - source.Position);
        }

        var tensors = new Dictionary<string, Tensor>();
        using var scope = NewDisposeScope();
        foreach (var entry in header.Entries)
        {
            var length = entry.End - entry.Begin;
            var bytes = SafetensorsHeader.Bytes(source, length);
            if (bytes.Length < length)
            {
                throw WrongSize(size, entry.Begin + bytes.Length);
            }

            var tensor = Empty(entry);
            tensor.bytes = LittleEndian(bytes, entry.Type);
            tensors.Add(entry.Name, tensor);
        }

        if (source.ReadByte() >= 0)
        {
            throw new SafetensorsException([$"Bytes follow after its tensors, whose data are {size} bytes; it is damaged."]);
        }

        foreach (var tensor in tensors.Values)
        {
            tensor.MoveToOuterDisposeScope();
        }

        return new(tensors, header.Metadata);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SafetensorsException">It is not well-formed; the message lists why.</exception>
    public static SafetensorsFile Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = File.OpenRead(path);
        return Load(stream);
    }

    // Larger elements first, so that every tensor is aligned to its own; then by name, so that the bytes depend on the contents alone.
    private static List<(string Name, Tensor Tensor)> Ordered(IReadOnlyDictionary<string, Tensor> tensors)
    {
        foreach (var (name, tensor) in tensors)
        {
            if (SafetensorsEntry.NameOf(tensor.dtype) is null)
            {
                throw new ArgumentException($"Tensor '{name}' is {tensor.dtype}, which safetensors cannot hold; convert it first.", nameof(tensors));
            }

            if (name == SafetensorsHeader.MetadataName)
            {
                throw new ArgumentException($"A tensor is named '{name}', which the format keeps for texts; give it another name.", nameof(tensors));
            }
        }

        return [.. tensors.OrderByDescending(entry => SafetensorsEntry.SizeOf(entry.Value.dtype)).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => (entry.Key, entry.Value))];
    }

    private static byte[] Header(List<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach (var (key, text) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, text);
                }

                json.WriteEndObject();
            }

            var begin = 0L;
            foreach (var (name, tensor) in tensors)
            {
                var end = begin + (tensor.numel() * SafetensorsEntry.SizeOf(tensor.dtype));
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsEntry.NameOf(tensor.dtype));
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", begin, end);
                json.WriteEndObject();
                begin = end;
            }

            json.WriteEndObject();
        }

        while (bytes.Length % sizeof(ulong) != 0)
        {
            bytes.WriteByte((byte)' ');
        }

        return bytes.ToArray();
    }

    // A shape may have no element and still be none that torch can have.
    private static Tensor Empty(SafetensorsEntry entry)
    {
        try
        {
            return empty(entry.Shape, entry.Type);
        }
        catch (ExternalException refused)
        {
            throw new SafetensorsException([$"Tensor '{entry.Name}' is of shape {new Shape(entry.Shape)}, which torch cannot have."], refused);
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params long[] numbers)
    {
        json.WriteStartArray(name);
        Array.ForEach(numbers, json.WriteNumberValue);
        json.WriteEndArray();
    }

    private static byte[] LittleEndian(byte[] bytes, ScalarType type)
    {
        if (!BitConverter.IsLittleEndian)
        {
            // A complex number is two of half its size.
            var size = SafetensorsEntry.SizeOf(type) / (type == ScalarType.ComplexFloat32 ? 2 : 1);
            for (var begin = 0; begin < bytes.Length; begin += size)
            {
                bytes.AsSpan(begin, size).Reverse();
            }
        }

        return bytes;
    }

    private static SafetensorsException WrongSize(long expected, long found) => new([found < expected
        ? $"It is cut off: its tensors' data should be {expected} bytes, and {found} are there."
        : $"Its tensors' data should be {expected} bytes, and {found} are there; it is damaged."]);
}

/// <summary>What a safetensors file holds.</summary>
/// <param name="Tensors">The tensors by name, in main memory; the caller's, or of the caller's dispose scope.</param>
/// <param name="Metadata">The header's texts.</param>
public sealed record SafetensorsFile(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata);
