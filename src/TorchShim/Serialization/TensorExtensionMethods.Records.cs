using System.IO;
using TorchSharp.Modules;
using TorchSharp.Serialization;
using static TorchSharp.torch;

namespace TorchSharp;

public static partial class TensorExtensionMethods
{
    public static Parameter AsParameter(this Tensor tensor) => new(tensor);

    public static void Save(this Tensor tensor, string location)
    {
        using var stream = File.Create(location);
        tensor.Save(stream);
    }

    /// <summary>Writes the tensor to the stream and, as TorchSharp does, closes it.</summary>
    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, BinaryWriter writer) => TensorRecord.Write(writer, tensor);

    /// <summary>Reads a tensor of this tensor's type and shape into it, or passes over the next one.</summary>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        if (skip)
        {
            TensorRecord.Skip(reader);
        }
        else
        {
            TensorRecord.ReadInto(reader, tensor);
        }
    }

    public static Tensor Load(BinaryReader reader, bool skip = false) => TensorRecord.Read(reader);
}
