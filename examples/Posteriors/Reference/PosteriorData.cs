using System.Text.Json;
using static TorchSharp.torch;

namespace ProbVae.Examples.Posteriors.Reference;

/// <summary>The data of one posterior, as posteriordb names them.</summary>
public sealed class PosteriorData
{
    private readonly JsonElement _values;

    /// <summary>Data from a JSON object of numbers, arrays and arrays of arrays.</summary>
    public PosteriorData(JsonElement values) => _values = values;

    /// <summary>A whole number.</summary>
    public long Number(string name) => Value(name).GetInt64();

    /// <summary>A vector of single precision.</summary>
    public Tensor Vector(string name) => tensor(Numbers(Value(name)), ScalarType.Float32);

    /// <summary>A matrix of single precision, row by row.</summary>
    public Tensor Matrix(string name) => stack([.. Value(name).EnumerateArray().Select(row => tensor(Numbers(row), ScalarType.Float32))]);

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    private JsonElement Value(string name) => _values.TryGetProperty(name, out var value) ? value
        : throw new KeyNotFoundException($"The data have no '{name}'; they have {string.Join(", ", _values.EnumerateObject().Select(entry => entry.Name))}.");
}
