using System;
using System.IO;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp.Serialization;

/// <summary>One tensor in TorchSharp's binary format: element type, rank and sizes as LEB128, then the elements' bytes.</summary>
internal static class TensorRecord
{
    public static void Write(BinaryWriter writer, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var contiguous = tensor.detach().cpu().contiguous();
        writer.WriteLeb128((long)contiguous.dtype);
        writer.WriteLeb128(contiguous.dim());
        foreach (var size in contiguous.shape)
        {
            writer.WriteLeb128(size);
        }
        writer.Write(contiguous.bytes);
    }

    /// <summary>Reads a record into a tensor that has the record's type and shape.</summary>
    public static void ReadInto(BinaryReader reader, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var saved = Read(reader);
        if (saved.dtype != tensor.dtype)
        {
            throw new ArgumentException($"The saved tensor has elements of type {saved.dtype}, but the tensor to load into has {tensor.dtype}.", nameof(tensor));
        }
        if (!saved.shape.SequenceEqual(tensor.shape))
        {
            throw new ArgumentException($"The saved tensor has shape {Shape(saved)}, but the tensor to load into has {Shape(tensor)}.", nameof(tensor));
        }
        tensor.copy_(saved);
    }

    public static Tensor Read(BinaryReader reader)
    {
        var (dtype, shape) = ReadHeader(reader);
        var tensor = empty(shape, dtype);
        tensor.bytes = ReadElements(reader, tensor.NumberOfElements * tensor.ElementSize);
        return tensor;
    }

    public static void Skip(BinaryReader reader)
    {
        using var skipped = Read(reader);
    }

    private static (ScalarType Dtype, long[] Shape) ReadHeader(BinaryReader reader)
    {
        var dtype = (ScalarType)reader.ReadLeb128();
        if (!Enum.IsDefined(dtype))
        {
            throw new InvalidDataException($"The stream names the element type {dtype}, which does not exist; it is not a saved tensor, or it is damaged.");
        }
        var shape = new long[reader.ReadLeb128()];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = reader.ReadLeb128();
        }
        return (dtype, shape);
    }

    private static byte[] ReadElements(BinaryReader reader, long length)
    {
        var elements = new byte[length];
        reader.BaseStream.ReadExactly(elements);
        return elements;
    }

    private static string Shape(Tensor tensor) => $"({string.Join(", ", tensor.shape)})";
}
