using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>All parameters' gradients side by side, so that one reduction sums them over the processes.</summary>
/// <param name="parameters">The parameters, in the same order on all processes.</param>
internal sealed class FlatGradient(TrainableParameters parameters)
{
    private float[]? _single;
    private double[]? _double;

    /// <summary>Which parameters have a gradient here.</summary>
    public bool[] Present() => [.. parameters.ByName.Values.Select(parameter => parameter.grad is not null)];

    /// <summary>Sums the gradients over all processes.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="present">Which parameters have a gradient on one process at least.</param>
    public void Sum(IProcessGroup group, bool[] present)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var reduced = parameters.ByName.Values.Where((_, i) => present[i]).ToList();
        if (reduced.Count == 0)
        {
            return;
        }

        var type = reduced.TrueForAll(parameter => parameter.dtype == ScalarType.Float32) ? ScalarType.Float32 : ScalarType.Float64;
        var flat = cat(reduced.ConvertAll(parameter => (parameter.grad ?? zeros_like(parameter)).reshape(-1).to(type, CPU)));
        if (type == ScalarType.Float32)
        {
            Sum<float>(flat, ref _single, group.Sum);
        }
        else
        {
            Sum<double>(flat, ref _double, group.Sum);
        }

        var start = 0L;
        foreach (var parameter in reduced)
        {
            var sum = flat.narrow(0, start, parameter.numel()).view(parameter.shape);
            start += parameter.numel();
            if (parameter.grad is { } gradient)
            {
                gradient.copy_(sum);
            }
            else
            {
                parameter.grad = sum.to(parameter.dtype, parameter.device).clone().DetachFromDisposeScope();
            }
        }
    }

    private static void Sum<T>(Tensor flat, ref T[]? buffer, Action<T[]> sum)
        where T : unmanaged
    {
        var numbers = MemoryMarshal.Cast<byte, T>(flat.bytes);
        if (buffer?.Length != numbers.Length)
        {
            buffer = new T[numbers.Length];
        }

        numbers.CopyTo(buffer);
        sum(buffer);
        buffer.CopyTo(numbers);
    }
}
