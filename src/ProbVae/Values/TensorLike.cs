using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A number, an array or a tensor: what a distribution's constructor takes for an argument.</summary>
public readonly struct TensorLike
{
    private readonly Tensor? _tensor;
    private readonly double[]? _array;
    private readonly double _number;

    private TensorLike(Tensor? tensor, double[]? array, double number) => (_tensor, _array, _number) = (tensor, array, number);

    internal Tensor? Tensor => _tensor;

    /// <summary>Takes a tensor as it is, one of whole numbers as floating-point; gradients flow through it.</summary>
    public static implicit operator TensorLike(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new(tensor, null, 0);
    }

    /// <summary>Takes a number as a scalar of the other arguments' type and device (float32 on the CPU without any).</summary>
    public static implicit operator TensorLike(double number) => new(null, null, number);

    /// <summary>Takes an array as a vector of the other arguments' type and device (float32 on the CPU without any).</summary>
    public static implicit operator TensorLike(double[] array)
    {
        ArgumentNullException.ThrowIfNull(array);
        return new(null, array, 0);
    }

    /// <summary>Takes an array as a vector of the other arguments' type and device (float32 on the CPU without any).</summary>
    public static implicit operator TensorLike(float[] array)
    {
        ArgumentNullException.ThrowIfNull(array);
        return new(null, Array.ConvertAll(array, number => (double)number), 0);
    }

    internal Tensor ToTensor(ScalarType dtype, Device device)
    {
        if (_tensor is { } given)
        {
            return given.is_floating_point() ? given : given.to(dtype);
        }

        return _array is { } array ? tensor(array, dtype, device) : tensor(_number, dtype, device);
    }
}
