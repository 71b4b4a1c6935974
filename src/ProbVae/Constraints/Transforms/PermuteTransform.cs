using static TorchSharp.torch;

namespace ProbVae;

/// <summary>Puts the elements of vectors into another order: yᵢ is the x of place order[i]. log |det| = 0.</summary>
public sealed class PermuteTransform : Transform
{
    private readonly long[] _order;
    private readonly long[] _back;
    private readonly bool _reverses;

    /// <summary>A permutation of the last axis.</summary>
    /// <param name="order">For each place of y, the place in x that it is taken from: each of 0 … n − 1 once.</param>
    /// <exception cref="ArgumentException">A place is missing or twice there.</exception>
    public PermuteTransform(params long[] order)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (!order.Order().SequenceEqual(Enumerable.Range(0, order.Length).Select(place => (long)place)))
        {
            throw new ArgumentException($"PermuteTransform: the order must hold each of the places 0 to {order.Length - 1} once, received {new Shape(order)}.", nameof(order));
        }

        _order = [.. order];
        _reverses = order.Reverse().Select((from, place) => from == place).All(same => same);
        _back = new long[order.Length];
        for (var place = 0; place < order.Length; place++)
        {
            _back[order[place]] = place;
        }
    }

    /// <summary>The permutation that turns vectors of a length back to front: what stands between two autoregressive flows.</summary>
    /// <param name="length">How many elements.</param>
    public static PermuteTransform Reversed(int length) => new([.. Enumerable.Range(0, length).Select(place => (long)length - 1 - place)]);

    /// <inheritdoc/>
    public override Support Domain => Support.RealVector;

    /// <inheritdoc/>
    public override Support Codomain => Support.RealVector;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Pick(x, _order);

    /// <inheritdoc/>
    public override Tensor Inverse(Tensor y) => Pick(y, _back);

    /// <inheritdoc/>
    public override Tensor LogDeterminant(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        return zeros(x.shape[..^1], x.dtype, x.device);
    }

    internal override bool KeepsVolume => true;

    private Tensor Pick(Tensor vectors, long[] places)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        return vectors.shape is [.., var length] && length == places.Length
            ? _reverses ? vectors.flip(-1) : vectors.index_select(-1, tensor(places, device: vectors.device))
            : throw new ArgumentException($"PermuteTransform: it permutes vectors of {places.Length} elements, received shape {new Shape(vectors.shape)}.");
    }
}
