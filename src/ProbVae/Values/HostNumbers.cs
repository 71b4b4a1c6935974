using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Reads numbers straight from a tensor's memory where that is main memory: for a few of them, a call into torch costs more.</summary>
internal static class HostNumbers
{
    private const long Few = 1024;

    /// <summary>The number in a tensor of one element.</summary>
    public static double Single(Tensor value) => value.dtype switch
    {
        ScalarType.Float32 => value.item<float>(),
        ScalarType.Float64 => value.item<double>(),
        _ => value.ToDouble(),
    };

    /// <summary>The least and the greatest element, both NaN where one is; null where the tensor is not small, floating and in main memory.</summary>
    public static (double Least, double Greatest)? Range(Tensor value)
    {
        if (value.numel() is 0 or > Few || value.device_type != DeviceType.CPU || !value.is_contiguous())
        {
            return null;
        }

        return value.dtype switch
        {
            ScalarType.Float32 => Range(MemoryMarshal.Cast<byte, float>(value.bytes)),
            ScalarType.Float64 => Range(MemoryMarshal.Cast<byte, double>(value.bytes)),
            _ => null,
        };
    }

    /// <summary>Whether two tensors hold the same numbers, NaN being the same as NaN.</summary>
    public static bool Same(Tensor one, Tensor other)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return one.shape.AsSpan().SequenceEqual(other.shape) && one.eq(other).logical_or(one.ne(one).logical_and(other.ne(other))).all().ToBoolean();
    }

    private static (double, double) Range(ReadOnlySpan<float> numbers)
    {
        var (least, greatest) = (numbers[0], numbers[0]);
        foreach (var number in numbers)
        {
            (least, greatest) = (Math.Min(least, number), Math.Max(greatest, number));
        }

        return (least, greatest);
    }

    private static (double, double) Range(ReadOnlySpan<double> numbers)
    {
        var (least, greatest) = (numbers[0], numbers[0]);
        foreach (var number in numbers)
        {
            (least, greatest) = (Math.Min(least, number), Math.Max(greatest, number));
        }

        return (least, greatest);
    }
}
