using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>One tensor of a safetensors header: its type, its shape and where its bytes begin and end in the data.</summary>
internal sealed record SafetensorsEntry(string Name, ScalarType Type, long[] Shape, long Begin, long End)
{
    /// <summary>The format's name of an element type; null for one that the format has not.</summary>
    public static string? NameOf(ScalarType type) => type switch
    {
        ScalarType.Bool => "BOOL",
        ScalarType.Byte => "U8",
        ScalarType.Int8 => "I8",
        ScalarType.Int16 => "I16",
        ScalarType.Int32 => "I32",
        ScalarType.Int64 => "I64",
        ScalarType.Float16 => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Float32 => "F32",
        ScalarType.Float64 => "F64",
        ScalarType.ComplexFloat32 => "C64",
        _ => null,
    };

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(ScalarType type) => type.ElementSize();

    /// <summary>Reads an entry; adds a sentence for everything that is wrong with it and gives null then.</summary>
    public static SafetensorsEntry? Read(JsonProperty property, List<string> problems)
    {
        var (name, value) = (property.Name, property.Value);
        var begun = problems.Count;
        if (value.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"The header's entry '{name}' is not an object with dtype, shape and data_offsets.");
            return null;
        }

        foreach (var unknown in value.EnumerateObject().Where(field => field.Name is not ("dtype" or "shape" or "data_offsets")))
        {
            problems.Add($"Tensor '{name}' has a field '{unknown.Name}', which the format does not know.");
        }

        var type = ReadType(name, value, problems);
        var shape = Numbers(name, "shape", value, problems);
        var offsets = Numbers(name, "data_offsets", value, problems);
        if (offsets is not null && (offsets.Length != 2 || offsets[0] > offsets[1]))
        {
            problems.Add($"Tensor '{name}' has data_offsets [{string.Join(", ", offsets)}]; expected a begin and an end that is not before it.");
        }

        if (problems.Count > begun)
        {
            return null;
        }

        if (Bytes(shape!, type!.Value) is not { } bytes || bytes != offsets![1] - offsets[0])
        {
            problems.Add($"Tensor '{name}' is {NameOf(type!.Value)} {new Shape(shape!)}, which its {offsets![1] - offsets[0]} bytes do not fill exactly.");
            return null;
        }

        return new(name, type.Value, shape!, offsets[0], offsets[1]);
    }

    private static ScalarType? ReadType(string name, JsonElement value, List<string> problems)
    {
        var text = value.TryGetProperty("dtype", out var field) && field.ValueKind == JsonValueKind.String ? field.GetString() : null;
        if (text is null)
        {
            problems.Add($"Tensor '{name}' has no dtype.");
            return null;
        }

        ScalarType? type = Enum.GetValues<ScalarType>().Where(type => NameOf(type) == text).Select(type => (ScalarType?)type).FirstOrDefault();
        if (type is null)
        {
            problems.Add($"Tensor '{name}' has the dtype '{text}', which cannot be read here; expected one of {string.Join(", ", Enum.GetValues<ScalarType>().Select(NameOf).OfType<string>())}.");
        }

        return type;
    }

    private static long[]? Numbers(string name, string part, JsonElement value, List<string> problems)
    {
        if (value.TryGetProperty(part, out var field) && field.ValueKind == JsonValueKind.Array)
        {
            var numbers = field.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) ? number : -1).ToArray();
            if (numbers.All(number => number >= 0))
            {
                return numbers;
            }
        }

        problems.Add($"Tensor '{name}' has no {part} of whole numbers that are not negative.");
        return null;
    }

    private static long? Bytes(long[] shape, ScalarType type)
    {
        try
        {
            return checked(shape.Aggregate((long)SizeOf(type), (product, size) => checked(product * size)));
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
