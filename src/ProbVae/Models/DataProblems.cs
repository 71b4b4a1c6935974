using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Data that no program can use, in sentences.</summary>
internal static class DataProblems
{
    /// <summary>Refuses data that is null, and tensors in it that are gone or have no numbers.</summary>
    /// <param name="program">Whose data it is.</param>
    /// <param name="data">A tensor, a tuple of tensors, or an object of which nothing is known.</param>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    /// <exception cref="ModelException">A tensor was disposed of, or is on torch's meta device.</exception>
    public static void Refuse<TData>(string program, TData data)
    {
        switch (data)
        {
            case null:
                throw new ArgumentNullException(nameof(data), $"'{program}': the data is null. Give the data; a program that reads none takes any value, such as 0.");
            case Tensor tensor:
                Refuse(program, "the data", tensor);
                break;
            case ITuple tuple:
                for (var i = 0; i < tuple.Length; i++)
                {
                    // A part may be null where the programs can do without.
                    if (tuple[i] is Tensor part)
                    {
                        Refuse(program, $"Item{i + 1} of the data", part);
                    }
                }

                break;
        }
    }

    /// <summary>Which parts of the data are null, in words; empty where none is seen.</summary>
    public static string NullParts(object data)
    {
        var names = data is ITuple tuple
            ? Enumerable.Range(0, tuple.Length).Where(i => tuple[i] is null).Select(i => $"Item{i + 1}")
            : data is Tensor ? [] : data.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .Where(property => !property.PropertyType.IsValueType && property.GetIndexParameters().Length == 0 && IsNull(property, data)).Select(property => property.Name);
        return string.Join(", ", names) is { Length: > 0 } list ? $" (in the data, {list} is null)" : "";
    }

    /// <summary>Why no density can be computed of a value, as the end of a sentence; null where it can.</summary>
    public static string? Of(Tensor? value)
    {
        if (value is null)
        {
            return "is null; give a tensor";
        }

        if (Gone(value) is { } gone)
        {
            return gone;
        }

        return WhyNotComputed(value.dtype) is { } reason ? $"{reason}" : null;
    }

    /// <summary>Why families compute nothing in a type, as the end of a sentence; null where they do.</summary>
    public static string? WhyNotComputed(ScalarType type) => type switch
    {
        ScalarType.Float16 or ScalarType.BFloat16 => $"has the type {type}, which densities are not computed in; convert it with .to(ScalarType.Float32)",
        ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64 => $"has the type {type}, and densities are of real numbers; use its real and imaginary parts",
        _ => null,
    };

    private static void Refuse(string program, string what, Tensor tensor)
    {
        if (Gone(tensor) is { } problem)
        {
            throw new ModelException($"'{program}': {what} {problem}.");
        }
    }

    private static string? Gone(Tensor tensor) => tensor.IsInvalid ? "is a tensor that was disposed of; keep it alive as long as the inference uses it"
        : tensor.device_type == DeviceType.META ? "lies on torch's meta device, which keeps shapes and no numbers; make it on the CPU or a GPU"
        : null;

    private static bool IsNull(PropertyInfo property, object data)
    {
        try
        {
            return property.GetValue(data) is null;
        }
        catch (TargetInvocationException)
        {
            return false;
        }
    }
}
