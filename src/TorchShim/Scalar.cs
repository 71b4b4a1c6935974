using System;
using System.Numerics;
using TorchSharp.Native;

namespace TorchSharp;

/// <summary>A single number of some element type.</summary>
public sealed class Scalar : IDisposable
{
    private readonly ValueTag tag;
    private readonly long bits;
    private readonly double[]? complex;

    private Scalar(torch.ScalarType type, ValueTag tag, long bits) => (Type, this.tag, this.bits) = (type, tag, bits);
    internal Scalar(torch.ScalarType type, long value) : this(type, ValueTag.Int, value) { }
    internal Scalar(torch.ScalarType type, double value) : this(type, ValueTag.Double, BitConverter.DoubleToInt64Bits(value)) { }
    internal Scalar(bool value) : this(torch.ScalarType.Bool, ValueTag.Bool, value ? 1 : 0) { }
    internal Scalar(torch.ScalarType type, Complex value) : this(type, ValueTag.Complex, 0) => complex = [value.Real, value.Imaginary];

    public torch.ScalarType Type { get; }

    internal Arg AsArg() => new(tag, bits, complex);

    internal long AsInt64() => tag switch
    {
        ValueTag.Double => (long)BitConverter.Int64BitsToDouble(bits),
        ValueTag.Complex => (long)complex![0],
        _ => bits,
    };

    internal double AsDouble() => tag switch
    {
        ValueTag.Double => BitConverter.Int64BitsToDouble(bits),
        ValueTag.Complex => complex![0],
        _ => bits,
    };

    internal Complex AsComplex() => complex is null ? AsDouble() : new Complex(complex[0], complex[1]);

    /// <summary>Does nothing: the number lives in managed memory.</summary>
    public void Dispose() { }

    public static implicit operator Scalar(bool value) => new(value);
    public static implicit operator Scalar(byte value) => new(torch.ScalarType.Byte, (long)value);
    public static implicit operator Scalar(sbyte value) => new(torch.ScalarType.Int8, (long)value);
    public static implicit operator Scalar(short value) => new(torch.ScalarType.Int16, (long)value);
    public static implicit operator Scalar(int value) => new(torch.ScalarType.Int32, (long)value);
    public static implicit operator Scalar(long value) => new(torch.ScalarType.Int64, value);
    public static implicit operator Scalar(Half value) => new(torch.ScalarType.Float16, (double)value);
    public static implicit operator Scalar(float value) => new(torch.ScalarType.Float32, (double)value);
    public static implicit operator Scalar(double value) => new(torch.ScalarType.Float64, value);
    public static implicit operator Scalar((float, float) value) => new(torch.ScalarType.ComplexFloat32, new Complex(value.Item1, value.Item2));
    public static implicit operator Scalar(Complex value) => new(torch.ScalarType.ComplexFloat64, value);
}

/// <summary>Conversions between numbers and <see cref="Scalar"/>.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this bool value) => value;
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this sbyte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this Half value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this (float, float) value) => value;
    public static Scalar ToScalar(this Complex value) => value;
    public static Scalar ToBFloat16Scalar(this float value) => new(torch.ScalarType.BFloat16, (double)value);

    public static bool ToBoolean(this Scalar value) => value.AsDouble() != 0;
    public static byte ToByte(this Scalar value) => (byte)value.AsInt64();
    public static sbyte ToSByte(this Scalar value) => (sbyte)value.AsInt64();
    public static short ToInt16(this Scalar value) => (short)value.AsInt64();
    public static int ToInt32(this Scalar value) => (int)value.AsInt64();
    public static long ToInt64(this Scalar value) => value.AsInt64();
    public static Half ToHalf(this Scalar value) => (Half)value.AsDouble();
    public static float ToSingle(this Scalar value) => (float)value.AsDouble();
    public static double ToDouble(this Scalar value) => value.AsDouble();
    public static Complex ToComplexFloat64(this Scalar value) => value.AsComplex();

    public static (float Real, float Imaginary) ToComplexFloat32(this Scalar value)
    {
        var complex = value.AsComplex();
        return ((float)complex.Real, (float)complex.Imaginary);
    }
}
