using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Conversions of tensors to numbers and back.</summary>
public static partial class TensorExtensionMethods
{
    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new NotSupportedException($"The element size of {type} is not known."),
    };

    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (product, size) => product * size);
    public static ReadOnlySpan<int> IntShape(this Tensor tensor) => Array.ConvertAll(tensor.shape, size => (int)size);

    /// <summary>Another object for the same native tensor, outside all scopes and counts of scopes.</summary>
    internal static Tensor Alias(this Tensor tensor) => new(NativeMethods.shim_tensor_alias(tensor.Handle), register: false);

    public static bool ToBoolean(this Tensor value) => ToDouble(value) != 0;
    public static byte ToByte(this Tensor value) => (byte)ToInt64(value);
    public static sbyte ToSByte(this Tensor value) => (sbyte)ToInt64(value);
    public static short ToInt16(this Tensor value) => (short)ToInt64(value);
    public static int ToInt32(this Tensor value) => (int)ToInt64(value);
    public static long ToInt64(this Tensor value) => value.is_floating_point() ? (long)ToDouble(value) : Aten.item.CallLong(value);
    public static Half ToHalf(this Tensor value) => (Half)ToDouble(value);
    public static float ToSingle(this Tensor value) => (float)ToDouble(value);
    public static double ToDouble(this Tensor value) => value.is_floating_point() ? Aten.item.CallDouble(value) : Aten.item.CallLong(value);

    public static Complex ToComplexFloat64(this Tensor value)
    {
        using var wide = value.to_type(ScalarType.ComplexFloat64);
        return wide.item<Complex>();
    }

    public static (float Real, float Imaginary) ToComplexFloat32(this Tensor value)
    {
        var complex = ToComplexFloat64(value);
        return ((float)complex.Real, (float)complex.Imaginary);
    }

    public static (float Real, float Imaginary) ToComplex32(this Tensor value) => ToComplexFloat32(value);
    public static Complex ToComplex64(this Tensor value) => ToComplexFloat64(value);

    public static Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false) =>
        from_array(rawArray, null, null, requires_grad).reshape(dimensions).requires_grad_(requires_grad);

    public static Tensor ToTensor<T>(this T scalar, Device? device = null, bool requires_grad = false) where T : struct =>
        from_array(new[] { scalar }, null, device).reshape(Array.Empty<long>()).requires_grad_(requires_grad);
}
