using System.IO;
using TorchSharp.Serialization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimizer remembers of one parameter from step to step.</summary>
public abstract class OptimizerState
{
    protected Parameter _parameter;

    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    public abstract void Initialize(OptimizerOptions options);

    public abstract void SaveStateDict(BinaryWriter writer);

    public abstract void LoadStateDict(BinaryReader reader);

    public abstract void LoadStateDict(OptimizerState source);

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public virtual void to(Device device)
    {
    }

    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
    {
        writer.Write(tensor is not null);
        if (tensor is not null)
        {
            TensorRecord.Write(writer, tensor);
        }
    }

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor? result, Device device)
    {
        using var scope = NewDisposeScope();
        var loaded = reader.ReadBoolean() ? TensorRecord.Read(reader).to(device).DetachFromDisposeScope() : null;
        result?.Dispose();
        result = loaded;
    }

    internal Tensor Zeros() => zeros_like(_parameter).DetachFromDisposeScope();

    internal Tensor Filled(double value) => Zeros().fill_(value);

    /// <summary>Replaces a state tensor by a copy of another optimizer's.</summary>
    internal void Copy(Tensor? source, ref Tensor? target)
    {
        var copy = source?.to(_parameter.device, copy: true).DetachFromDisposeScope();
        target?.Dispose();
        target = copy;
    }

    internal static void Move(ref Tensor? tensor, Device device)
    {
        if (tensor is null || (tensor.device_type == device.type && tensor.device_index == device.index))
        {
            return;
        }
        var moved = tensor.to(device).DetachFromDisposeScope();
        tensor.Dispose();
        tensor = moved;
    }

    internal static bool Close(Tensor? left, Tensor? right) =>
        left is null || right is null ? left is null && right is null : left.allclose(right);
}
