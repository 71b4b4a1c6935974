using static TorchSharp.torch;

namespace ProbVae;

/// <summary>A number, an array or a tensor: what a distribution's constructor takes for an argument.</summary>
public readonly struct TensorLike
{
    private readonly Tensor? _tensor;
    private readonly double[]? _array;
    private readonly double _number;
    private readonly int _columns;

    private TensorLike(Tensor? tensor, double[]? array, double number, int columns = 0) =>
        (_tensor, _array, _number, _columns) = (tensor, array, number, columns);

    internal Tensor? Tensor => _tensor;

    internal Shape Shape => _tensor is { } given ? new(given.shape)
        : _array is not { } array ? Shape.Scalar
        : _columns == 0 ? [array.Length] : [array.Length / _columns, _columns];

    /// <summary>The greatest number, before it is rounded to any type; negative infinity where there is none.</summary>
    internal double Greatest
    {
        get
        {
            if (_tensor is not { } given)
            {
                return _array is { Length: 0 } ? double.NegativeInfinity : _array?.Max() ?? _number;
            }

            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            return given.numel() == 0 ? double.NegativeInfinity : HostNumbers.Range(given) is var (_, greatest) ? greatest : given.max().to(ScalarType.Float64).item<double>();
        }
    }

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

    /// <summary>Takes an array of rows as a matrix of the other arguments' type and device (float32 on the CPU without any).</summary>
    public static implicit operator TensorLike(double[,] matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return new(null, [.. matrix.Cast<double>()], 0, matrix.GetLength(1));
    }

    internal Tensor ToTensor(ScalarType dtype, Device device)
    {
        if (_tensor is { } given)
        {
            return given.dtype switch
            {
                ScalarType.Float32 or ScalarType.Float64 => given,
                ScalarType.Float16 or ScalarType.BFloat16 => throw new ArgumentException($"A tensor of shape {Shape} has the type {given.dtype}, which densities are not computed in; convert it with .to(ScalarType.Float32)."),
                ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64 => throw new ArgumentException($"A tensor of shape {Shape} has the type {given.dtype}, and a distribution's arguments are real numbers; use its real and imaginary parts."),
                _ => given.to(dtype),
            };
        }

        return _array is { } array ? tensor(array, dtype, device).reshape(Shape.ToArray()) : tensor(_number, dtype, device);
    }
}
