using static TorchSharp.torch;

namespace ProbVae;

/// <summary>One element of a tensor.</summary>
/// <remarks>TorchSharp 0.107.0: indexing with no index at all, as for the one element of a scalar, is refused by libtorch.</remarks>
internal static class Elements
{
    /// <summary>The element at a place, an index for each axis, as a scalar.</summary>
    public static Tensor ElementAt(this Tensor tensor, long[] place) =>
        place.Length == 0 ? tensor.alias() : tensor[[.. place.Select(index => TensorIndex.Single(index))]];
}
