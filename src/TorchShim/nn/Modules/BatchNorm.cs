using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.Modules;

/// <summary>Normalizes each channel by its mean and variance over the batch, or in evaluation by the running ones.</summary>
public abstract class BatchNorm : NormBase
{
    public BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
    {
    }

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        var usesBatch = training || running_mean is null;
        var factor = training && track_running_stats ? CountBatch() : 0.0;
        return F.batch_norm(input, running_mean, running_var, affine ? weight : null, bias, usesBatch, factor, eps);
    }

    // Returns the weight of this batch in the running statistics; without a momentum they are the mean over all batches.
    private double CountBatch()
    {
        using var scope = NewDisposeScope();
        num_batches_tracked!.add_(1);
        return momentum ?? 1.0 / num_batches_tracked.item<long>();
    }
}
