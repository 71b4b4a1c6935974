#if TORCH_SYSTEM
using Tests.Shared;
using TorchSharp;
using Xunit;

namespace Torch.Tests.Surface;

public sealed class SurfaceTests
{
    [ReferenceFact]
    public void What_the_shim_offers_is_offered_by_TorchSharp_too()
    {
        var reference = File.ReadLines(ReferenceFactAttribute.Listing!).ToHashSet(StringComparer.Ordinal);
        var offered = PublicSurface.Lines(typeof(torch).Assembly).ToHashSet(StringComparer.Ordinal);
        Assert.True(offered.Count > 1000, $"Only {offered.Count} members were found: the printer does not see the shim.");
        Assert.Empty(offered.Except(reference).Order(StringComparer.Ordinal));
    }
}
#endif
