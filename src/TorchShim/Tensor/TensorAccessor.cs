using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp.Utils;

/// <summary>A typed view of a tensor's elements, in row-major order whatever its strides.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly nint data;
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        // An alias of its own keeps the memory alive when the tensor is disposed before the accessor.
        this.tensor = tensor.Alias();
        data = tensor.DataPointer();
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        Count = tensor.numel();
    }

    public long Count { get; }
    public bool IsReadOnly => false;

    public unsafe T this[params long[] indices]
    {
        get => *Address(indices);
        set => *Address(indices) = value;
    }

    private unsafe T* Address(long[] indices) => (T*)data + (indices.Length == 1 && shape.Length != 1 ? Offset(Checked(indices[0], Count)) : OffsetOf(indices));

    private long OffsetOf(long[] indices)
    {
        if (indices.Length != shape.Length) throw new ArgumentException($"The tensor has {shape.Length} dimensions; {indices.Length} indices were given.");
        long offset = 0;
        for (var d = 0; d < shape.Length; d++) offset += Checked(indices[d], shape[d]) * strides[d];
        return offset;
    }

    private static long Checked(long index, long size) =>
        index >= 0 && index < size ? index : throw new IndexOutOfRangeException($"Index {index} lies outside a dimension of size {size}.");

    /// <summary>How far the element at a row-major position lies from the first.</summary>
    private long Offset(long position)
    {
        if (contiguous) return position;
        long offset = 0;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            offset += position % shape[d] * strides[d];
            position /= shape[d];
        }

        return offset;
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public unsafe Array ToNDArray()
    {
        var array = Array.CreateInstance(typeof(T), shape);
        ToArray().AsSpan().CopyTo(System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref System.Runtime.CompilerServices.Unsafe.As<byte, T>(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(array)), array.Length));
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var length = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (contiguous)
        {
            new ReadOnlySpan<T>((T*)data + tensorIndex, length).CopyTo(array[arrayIndex..]);
            return;
        }

        for (var i = 0; i < length; i++) array[arrayIndex + i] = ((T*)data)[Offset(tensorIndex + i)];
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public unsafe void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var length = (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex);
        if (contiguous)
        {
            array.Slice(arrayIndex, length).CopyTo(new Span<T>((T*)data + tensorIndex, length));
            return;
        }

        for (var i = 0; i < length; i++) ((T*)data)[Offset(tensorIndex + i)] = array[arrayIndex + i];
    }

    private unsafe T At(long position) => ((T*)data)[Offset(position)];

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++) yield return At(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && this.SequenceEqual(other);
    public override int GetHashCode() => data.GetHashCode();
    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) => Equals(left, right);
    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !Equals(left, right);

    public void Dispose() => tensor.Dispose();
}
