using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The shape of one value of a family over vectors, read from an argument before the base class has it.</summary>
internal static class LastAxis
{
    /// <summary>The size of an argument's last axis; no axis for a single number, which the base class then refuses.</summary>
    public static Shape Of(TensorLike argument)
    {
        var shape = new Shape((argument.Tensor ?? argument.ToTensor(ScalarType.Float32, CPU)).shape);
        return shape.Rank == 0 ? shape : shape[^1..];
    }
}
