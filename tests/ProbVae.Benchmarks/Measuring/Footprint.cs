using TorchSharp;

namespace ProbVae.Benchmarks;

/// <summary>What one step allocates.</summary>
/// <param name="Tensors">Tensor objects that it creates: roughly its calls into torch.</param>
/// <param name="ManagedBytes">Bytes on the managed heap.</param>
internal sealed record Footprint(double Tensors, double ManagedBytes)
{
    private const int Steps = 20;

    /// <summary>Counts over some steps of a contender that is warm.</summary>
    public static Footprint Of(IContender contender)
    {
        var (tensors, bytes) = (Created(), GC.GetAllocatedBytesForCurrentThread());
        for (var step = 0; step < Steps; step++)
        {
            contender.Step();
        }

        return new((Created() - tensors) / (double)Steps, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)Steps);
    }

    private static long Created()
    {
        var statistics = DisposeScopeManager.Statistics;
        return statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount;
    }
}
