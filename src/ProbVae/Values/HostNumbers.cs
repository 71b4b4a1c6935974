using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Reads numbers straight from a tensor's memory where that is main memory: a call into torch costs more, for many of them as well.</summary>
internal static class HostNumbers
{
    // A span's bytes are counted by an int.
    private const long Most = int.MaxValue / sizeof(double);

    /// <summary>The number in a tensor of one element.</summary>
    public static double Single(Tensor value) => value.dtype switch
    {
        ScalarType.Float32 => value.item<float>(),
        ScalarType.Float64 => value.item<double>(),
        _ => value.ToDouble(),
    };

    /// <summary>The least and the greatest element, both NaN where one is; null where the tensor has no element or is not floating, side by side and in main memory.</summary>
    public static (double Least, double Greatest)? Range(Tensor value) => !IsHere(value) ? null : value.dtype switch
    {
        ScalarType.Float32 => Range<float>(MemoryMarshal.Cast<byte, float>(value.bytes)),
        ScalarType.Float64 => Range<double>(MemoryMarshal.Cast<byte, double>(value.bytes)),
        _ => null,
    };

    /// <summary>Whether every element is a whole number, NaN and the infinities being none; null where <see cref="Range(Tensor)"/> is.</summary>
    public static bool? AreWhole(Tensor value) => !IsHere(value) ? null : value.dtype switch
    {
        ScalarType.Float32 => AreWhole<float>(MemoryMarshal.Cast<byte, float>(value.bytes)),
        ScalarType.Float64 => AreWhole<double>(MemoryMarshal.Cast<byte, double>(value.bytes)),
        _ => null,
    };

    /// <summary>A whole number as torch rounds it to hold a value's elements against it.</summary>
    public static double In(ScalarType type, long number) => type == ScalarType.Float32 ? (double)(float)number : number;

    /// <summary>Whether two tensors hold the same numbers, NaN being the same as NaN.</summary>
    public static bool Same(Tensor one, Tensor other)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return one.shape.AsSpan().SequenceEqual(other.shape) && one.eq(other).logical_or(one.ne(one).logical_and(other.ne(other))).all().ToBoolean();
    }

    private static bool IsHere(Tensor value) => value.numel() is > 0 and <= Most && value.device_type == DeviceType.CPU && value.is_contiguous();

    private static bool AreWhole<T>(ReadOnlySpan<T> numbers)
        where T : struct, IFloatingPointIeee754<T>
    {
        var vectors = MemoryMarshal.Cast<T, Vector512<T>>(numbers);
        var whole = Vector512<T>.AllBitsSet;
        foreach (var vector in vectors)
        {
            // Infinity less itself is NaN, which equals nothing.
            whole &= Vector512.Equals(vector - Floor(vector), Vector512<T>.Zero);
        }

        var rest = true;
        foreach (var number in numbers[(vectors.Length * Vector512<T>.Count)..])
        {
            rest &= T.IsInteger(number);
        }

        return rest && Vector512.EqualsAll(whole.AsByte(), Vector512<byte>.AllBitsSet);
    }

    private static Vector512<T> Floor<T>(Vector512<T> vector)
        where T : struct => typeof(T) == typeof(float) ? Vector512.Floor(vector.AsSingle()).As<float, T>() : Vector512.Floor(vector.AsDouble()).As<double, T>();

    // NaN passes on: neither minimum nor maximum leaves one out.
    private static (double, double) Range<T>(ReadOnlySpan<T> numbers)
        where T : struct, IFloatingPointIeee754<T>
    {
        var vectors = MemoryMarshal.Cast<T, Vector512<T>>(numbers);
        var (lows, highs) = (Vector512.Create(numbers[0]), Vector512.Create(numbers[0]));
        foreach (var vector in vectors)
        {
            (lows, highs) = (Vector512.Min(lows, vector), Vector512.Max(highs, vector));
        }

        var (least, greatest) = (numbers[0], numbers[0]);
        for (var i = 0; i < Vector512<T>.Count && !vectors.IsEmpty; i++)
        {
            (least, greatest) = (T.Min(least, lows[i]), T.Max(greatest, highs[i]));
        }

        foreach (var number in numbers[(vectors.Length * Vector512<T>.Count)..])
        {
            (least, greatest) = (T.Min(least, number), T.Max(greatest, number));
        }

        return (double.CreateChecked(least), double.CreateChecked(greatest));
    }
}
