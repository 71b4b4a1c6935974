using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp.Native;

/// <summary>One argument of an operator on the managed side; every type that an operator takes converts to it.</summary>
internal readonly struct Arg
{
    public readonly ValueTag Tag;
    public readonly int Count;
    public readonly long Bits;
    public readonly object? Reference;

    public Arg(ValueTag tag, long bits = 0, object? reference = null, int count = 0) => (Tag, Bits, Reference, Count) = (tag, bits, reference, count);

    /// <summary>Takes the operator's own default.</summary>
    public static Arg Default => default;

    /// <summary>No value, for an optional argument.</summary>
    public static Arg None => new(ValueTag.None);

    private static Arg Optional(ValueTag tag, object? reference) => reference is null ? None : new(tag, 0, reference);

    public static implicit operator Arg(torch.Tensor? tensor) => Optional(ValueTag.Tensor, tensor);
    public static implicit operator Arg(Scalar? scalar) => scalar is null ? None : scalar.AsArg();
    public static implicit operator Arg(int value) => (long)value;
    public static implicit operator Arg(long value) => new(ValueTag.Int, value);
    public static implicit operator Arg(long? value) => value is { } v ? v : None;
    public static implicit operator Arg(int? value) => value is { } v ? (long)v : None;
    public static implicit operator Arg(double value) => new(ValueTag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(double? value) => value is { } v ? v : None;
    public static implicit operator Arg(bool value) => new(ValueTag.Bool, value ? 1 : 0);
    public static implicit operator Arg(bool? value) => value is { } v ? v : None;
    public static implicit operator Arg(string? value) => Optional(ValueTag.String, value);
    public static implicit operator Arg(long[]? values) => Optional(ValueTag.IntList, values);
    public static implicit operator Arg(double[]? values) => Optional(ValueTag.DoubleList, values);
    public static implicit operator Arg(torch.Tensor?[]? tensors) => Optional(ValueTag.TensorList, tensors);
    public static implicit operator Arg(List<torch.Tensor> tensors) => Optional(ValueTag.TensorList, tensors.ToArray());
    public static implicit operator Arg(ReadOnlySpan<long> values) => values.ToArray();
    public static implicit operator Arg(torch.Size size) => size.Shape;
    public static implicit operator Arg(torch.ScalarType type) => (long)type;
    public static implicit operator Arg(torch.ScalarType? type) => type is { } t ? (long)t : None;
    public static implicit operator Arg(torch.Device? device) => device is null ? None : new(ValueTag.Device, device.index, null, (int)device.type);
    public static implicit operator Arg(torch.Generator? generator) => Optional(ValueTag.Generator, generator);

    public static Arg Of(IEnumerable<torch.Tensor> tensors) => tensors as torch.Tensor[] ?? tensors.ToArray();
}
