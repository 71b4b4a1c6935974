using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Lays vectors that share a matrix out as the rows of one, so that the matrix is not copied for each of them.</summary>
internal static class VectorRows
{
    /// <summary>Maps vectors by a map of rows.</summary>
    /// <param name="vectors">Of shape sample + batch + (D), or less by broadcasting.</param>
    /// <param name="batch">The axes of the matrices that the map holds.</param>
    /// <param name="map">From batch + (rows, D) to batch + (rows, M).</param>
    /// <returns>Of shape sample + batch + (M).</returns>
    public static Tensor Map(Tensor vectors, Shape batch, Func<Tensor, Tensor> map)
    {
        var size = vectors.shape[^1];
        var lead = new Shape(vectors.shape)[..^1].BroadcastWith(batch)!.Value;
        var (samples, shared) = (lead[..^batch.Rank], lead[^batch.Rank..]);
        // A batch of one matrix takes every vector as a row.
        var single = batch.Count == 1;
        var (rows, kept) = single ? (lead.Count, batch) : (samples.Count, shared);
        var laid = vectors.expand((lead + [size]).ToArray()).reshape((single ? kept + [rows, size] : [rows] + kept + [size]).ToArray());
        var mapped = single ? map(laid) : map(laid.movedim([0], [-2])).movedim([-2], [0]);
        return mapped.reshape((lead + [mapped.shape[^1]]).ToArray());
    }
}
