using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using OptimizerHelper = TorchSharp.Modules.OptimizerHelper;

namespace ProbVae;

/// <summary>A file that is no checkpoint, belongs to another model, or is cut off or damaged.</summary>
/// <param name="message">A sentence.</param>
/// <param name="cause">What was met, if anything.</param>
public sealed class CheckpointException(string message, Exception? cause = null) : IOException(ShortMessage.OneLine(message), cause);

/// <summary>
/// The state of an inference as bytes: model, seed, step count, parameters and buffers, the optimizer's state; framed by a
/// magic word, the length and a SHA-256, so that nothing is loaded unless all of it is sound.
/// </summary>
internal static class Checkpoint
{
    private const string Magic = "ProbVae checkpoint 1";

    public static void Write(Stream destination, string model, IReadOnlyDictionary<string, Tensor> tensors, Optimizer optimizer, long seed, long steps)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using var payload = new MemoryStream();
        using (var writer = new BinaryWriter(payload, Encoding.UTF8, leaveOpen: true))
        {
            WriteState(writer, model, tensors, optimizer, seed, steps);
        }

        Frame(destination, Magic, payload.GetBuffer().AsSpan(0, (int)payload.Length));
    }

    /// <summary>Writes magic word, length, checksum and state.</summary>
    public static void Frame(Stream destination, string magic, ReadOnlySpan<byte> bytes)
    {
        using var frame = new BinaryWriter(destination, Encoding.UTF8, leaveOpen: true);
        frame.Write(magic);
        frame.Write(bytes.Length);
        frame.Write(SHA256.HashData(bytes));
        frame.Write(bytes);
    }

    /// <summary>Reads and checks everything before the first parameter is changed.</summary>
    public static (long Seed, long Steps) Read(Stream source, string model, IReadOnlyDictionary<string, Tensor> tensors, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var reader = new BinaryReader(new MemoryStream(Payload(source, Magic)));
        try
        {
            return ReadState(reader, model, tensors, optimizer);
        }
        catch (Exception failure) when (failure is not CheckpointException and not NotSupportedException)
        {
            // The optimizer's own reader throws what it likes.
            throw new CheckpointException("The checkpoint was not loaded: its contents are not what this version writes.", failure);
        }
    }

    private static void WriteState(BinaryWriter writer, string model, IReadOnlyDictionary<string, Tensor> tensors, Optimizer optimizer, long seed, long steps)
    {
        using var scope = NewDisposeScope();
        writer.Write(model);
        writer.Write(optimizer.GetType().Name);
        writer.Write(seed);
        writer.Write(steps);
        writer.Write(tensors.Count);
        foreach (var (name, tensor) in tensors)
        {
            var bytes = tensor.detach().cpu().contiguous().bytes;
            writer.Write(name);
            writer.Write(Describe(tensor));
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }

        // The optimizer's format has no length of its own, so it comes last.
        Helper(optimizer).save_state_dict(writer);
    }

    private static (long Seed, long Steps) ReadState(BinaryReader reader, string model, IReadOnlyDictionary<string, Tensor> tensors, Optimizer optimizer)
    {
        var name = reader.ReadString();
        Require(name == model, $"it is of the model '{name}', not of '{model}'");
        var kind = reader.ReadString();
        Require(kind == optimizer.GetType().Name, $"it holds the state of the optimizer {kind}, and this run has {optimizer.GetType().Name}");
        var (seed, steps) = (reader.ReadInt64(), reader.ReadInt64());
        var count = reader.ReadInt32();
        Require(count == tensors.Count, $"it has {count} tensors, the model {tensors.Count}");
        var values = Enumerable.Range(0, count).Select(_ => ReadTensor(reader, tensors)).ToList();
        Require(values.DistinctBy(value => value.Tensor.Handle).Count() == count, "it has a tensor twice, and lacks another");
        Helper(optimizer).load_state_dict(reader);
        foreach (var (tensor, bytes) in values)
        {
            Overwrite(tensor, bytes);
        }

        return (seed, steps);
    }

    /// <summary>The state in a frame, all of it and sound.</summary>
    /// <exception cref="CheckpointException">It is not.</exception>
    public static byte[] Payload(Stream source, string magic)
    {
        using var frame = new BinaryReader(source, Encoding.UTF8, leaveOpen: true);
        try
        {
            Require(frame.ReadString() == magic, "it does not begin like a checkpoint of this version");
            var length = frame.ReadInt32();
            var hash = frame.ReadBytes(SHA256.HashSizeInBytes);
            Require(length >= 0, "it is damaged");
            Require(!source.CanSeek || source.Length - source.Position >= length, "it is cut off");
            var payload = Read(source, length);
            Require(payload.Length == length, "it is cut off");
            Require(SHA256.HashData(payload).AsSpan().SequenceEqual(hash), "it is damaged: its bytes do not have the checksum that was written with them");
            return payload;
        }
        catch (Exception failure) when (failure is IOException and not CheckpointException or FormatException or ArgumentException)
        {
            throw new CheckpointException("The checkpoint was not loaded: it is cut off, or no checkpoint at all.", failure);
        }
    }

    // Memory grows with what is there, not with the length that is claimed.
    private static byte[] Read(Stream source, int length)
    {
        using var kept = new MemoryStream();
        var part = new byte[Math.Min(length, 1 << 20)];
        while (kept.Length < length && source.Read(part, 0, (int)Math.Min(part.Length, length - kept.Length)) is > 0 and var read)
        {
            kept.Write(part, 0, read);
        }

        return kept.ToArray();
    }

    private static (Tensor Tensor, byte[] Bytes) ReadTensor(BinaryReader reader, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var name = reader.ReadString();
        var description = reader.ReadString();
        Require(tensors.TryGetValue(name, out var tensor), $"it has a tensor '{name}', which the model has not. {TrainableParameters.WhereNamesComeFrom.TrimEnd('.')}");
        Require(Describe(tensor!) == description, $"its tensor '{name}' is {description}, the model's {Describe(tensor!)}");
        var length = reader.ReadInt32();
        Require(length == tensor!.numel() * tensor.element_size(), $"its tensor '{name}' has {length} bytes, the model's {tensor.numel() * tensor.element_size()}");
        return (tensor, reader.ReadBytes(length));
    }

    private static void Overwrite(Tensor tensor, byte[] bytes)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var copy = empty(tensor.shape, tensor.dtype);
        copy.bytes = bytes;
        tensor.copy_(copy);
    }

    private static string Describe(Tensor tensor) => $"{tensor.dtype} {new Shape(tensor.shape)}";

    private static OptimizerHelper Helper(Optimizer optimizer) => optimizer as OptimizerHelper
        ?? throw new NotSupportedException($"{optimizer.GetType().Name} cannot save its state; use one of torch.optim's.");

    /// <summary>Refuses a checkpoint in which something does not hold.</summary>
    public static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new CheckpointException($"The checkpoint was not loaded: {problem}.");
        }
    }
}
