using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The memory of tensors that were freed.</summary>
/// <remarks>
/// Each step and each batch of draws takes and frees the same large blocks. glibc hands those back to the system, which gives them again
/// page by page and zeroed: a third of the time of importance sampling with a VAE. It keeps blocks as large as the largest freed so far,
/// and twice that of unused memory; so one is freed beforehand. It is never written to, so it takes no memory.
/// </remarks>
internal static class FreedMemory
{
    // The greatest block that has this effect.
    private const long GreatestBlock = (32L << 20) - (64L << 10);

    /// <summary>Has the allocator keep what is freed from now on, up to 64 MiB.</summary>
    public static void Keep() => empty(GreatestBlock, dtype: ScalarType.Byte).Dispose();
}
