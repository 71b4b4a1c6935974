using System.Text;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using OptimizerHelper = TorchSharp.Modules.OptimizerHelper;

namespace ProbVae;

/// <summary>A file that is no checkpoint, belongs to another model, or is cut off.</summary>
public sealed class CheckpointException(string message, Exception? cause = null) : IOException(message, cause);

/// <summary>The state of an inference as bytes: parameters, buffers, the optimizer's state, seed and step count.</summary>
internal static class Checkpoint
{
    private const string Magic = "ProbVae checkpoint 1";

    public static void Write(Stream destination, string model, TrainableParameters parameters, Optimizer optimizer, long seed, long steps)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using var scope = NewDisposeScope();
        using var writer = new BinaryWriter(destination, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(model);
        writer.Write(seed);
        writer.Write(steps);
        var tensors = Tensors(parameters);
        writer.Write(tensors.Count);
        foreach (var (name, tensor) in tensors)
        {
            writer.Write(name);
            writer.Write((int)tensor.dtype);
            writer.Write(tensor.dim());
            Array.ForEach(tensor.shape, writer.Write);
            var bytes = tensor.detach().cpu().contiguous().bytes;
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }

        using var state = new MemoryStream();
        using (var stateWriter = new BinaryWriter(state, Encoding.UTF8, leaveOpen: true))
        {
            Helper(optimizer).save_state_dict(stateWriter);
        }

        writer.Write((int)state.Length);
        writer.Write(state.GetBuffer(), 0, (int)state.Length);
        writer.Write(Magic);
    }

    /// <summary>Reads and checks everything before the first parameter is changed.</summary>
    public static (long Seed, long Steps) Read(Stream source, string model, TrainableParameters parameters, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var reader = new BinaryReader(source, Encoding.UTF8, leaveOpen: true);
        try
        {
            Require(reader.ReadString() == Magic, "it does not begin like a checkpoint of this version");
            var name = reader.ReadString();
            Require(name == model, $"it is of the model '{name}', not of '{model}'");
            var seed = reader.ReadInt64();
            var steps = reader.ReadInt64();
            var tensors = Tensors(parameters);
            var count = reader.ReadInt32();
            Require(count == tensors.Count, $"it has {count} tensors, the model {tensors.Count}");
            var values = new Dictionary<string, byte[]>();
            for (var i = 0; i < count; i++)
            {
                ReadTensor(reader, tensors, values);
            }

            var state = reader.ReadBytes(reader.ReadInt32());
            Require(reader.ReadString() == Magic, "its end is not where it should be");
            // The optimizer first: it refuses another optimizer's state, and then no parameter was touched.
            using var stateReader = new BinaryReader(new MemoryStream(state));
            Helper(optimizer).load_state_dict(stateReader);
            foreach (var (key, bytes) in values)
            {
                Overwrite(tensors[key], bytes);
            }

            return (seed, steps);
        }
        catch (Exception failure) when (failure is EndOfStreamException or FormatException or ArgumentException or DecoderFallbackException)
        {
            throw new CheckpointException("The checkpoint cannot be read: it is cut off or damaged. Start again, or use an older one.", failure);
        }
    }

    private static void ReadTensor(BinaryReader reader, Dictionary<string, Tensor> tensors, Dictionary<string, byte[]> values)
    {
        var name = reader.ReadString();
        var dtype = (ScalarType)reader.ReadInt32();
        var rank = reader.ReadInt64();
        Require(rank is >= 0 and < 64, "a tensor's shape is damaged");
        Shape shape = Enumerable.Range(0, (int)rank).Select(_ => reader.ReadInt64()).ToArray();
        Require(tensors.TryGetValue(name, out var tensor), $"it has a tensor '{name}', which the model has not");
        Require(new Shape(tensor!.shape) == shape && tensor.dtype == dtype, $"its tensor '{name}' is {dtype} {shape}, the model's {tensor.dtype} {new Shape(tensor.shape)}");
        var length = reader.ReadInt32();
        Require(length == tensor.numel() * tensor.element_size(), $"the bytes of tensor '{name}' are damaged");
        values[name] = reader.ReadBytes(length);
        Require(values[name].Length == length, "it is cut off");
    }

    private static void Overwrite(Tensor tensor, byte[] bytes)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var copy = empty(tensor.shape, tensor.dtype);
        copy.bytes = bytes;
        tensor.copy_(copy);
    }

    private static Dictionary<string, Tensor> Tensors(TrainableParameters parameters) => parameters.ByName
        .Select(entry => KeyValuePair.Create(entry.Key, (Tensor)entry.Value)).Concat(parameters.Buffers).ToDictionary();

    private static OptimizerHelper Helper(Optimizer optimizer) => optimizer as OptimizerHelper
        ?? throw new NotSupportedException($"{optimizer.GetType().Name} cannot save its state; use one of torch.optim's.");

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new CheckpointException($"The checkpoint was not loaded: {problem}.");
        }
    }
}
