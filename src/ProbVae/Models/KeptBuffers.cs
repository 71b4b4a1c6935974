using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Copies of modules' buffers (running statistics, say) as they were before a run.</summary>
internal sealed class KeptBuffers
{
    private readonly IReadOnlyList<(string Name, Tensor Buffer, Tensor Copy)> _kept;

    public KeptBuffers(IReadOnlyDictionary<string, Tensor> buffers)
    {
        using var noGrad = no_grad();
        _kept = [.. buffers.Select(entry => (entry.Key, entry.Value, entry.Value.clone()))];
    }

    /// <summary>Puts the buffers back.</summary>
    public void Restore()
    {
        using var noGrad = no_grad();
        foreach (var (_, buffer, copy) in _kept)
        {
            buffer.copy_(copy);
        }
    }

    /// <summary>Says of each buffer in which numbers became NaN or infinite that they did. What was so before stays unsaid: a mask of attention may be −∞.</summary>
    public IEnumerable<string> Broken()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return [.. _kept.Where(kept => kept.Buffer.is_floating_point() && !IsFinite(kept.Buffer)
                && kept.Buffer.isfinite().logical_not().logical_and(kept.Copy.isfinite()).any().ToBoolean())
            .Select(kept => $"The step left '{kept.Name}' {new Shape(kept.Buffer.shape)} not finite: it is {NonFiniteException.Extent(kept.Buffer)}.")];
    }

    // One pass: the sum of numbers with a NaN or an infinity among them is none.
    private static bool IsFinite(Tensor buffer) => HostNumbers.Range(buffer) is var (least, greatest)
        ? double.IsFinite(least) && double.IsFinite(greatest)
        : double.IsFinite(HostNumbers.Single(buffer.sum()));
}
