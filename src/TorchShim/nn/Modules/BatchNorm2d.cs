using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Batch normalization of inputs of 4 dimensions (N, C, H, W).</summary>
public sealed class BatchNorm2d : BatchNorm
{
    internal BatchNorm2d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d))
    {
    }

    protected override void ValidateInputDimensions(Tensor input)
    {
        if (input.dim() != 4)
        {
            throw new ArgumentException($"BatchNorm2d expects an input of 4 dimensions (N, C, H, W), not of {input.dim()}.", nameof(input));
        }
    }
}
