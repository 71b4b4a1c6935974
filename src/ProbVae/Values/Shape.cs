using System.Collections;
using System.Runtime.CompilerServices;

namespace ProbVae;

/// <summary>The sizes of a tensor's axes, as a value that compares by content and prints as <c>(128, 10)</c>.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IEnumerable<long>
{
    private readonly long[]? _sizes;

    /// <summary>A shape over a tensor's own sizes.</summary>
    /// <param name="sizes">The sizes, each at least 0; the array is not copied.</param>
    public Shape(long[] sizes) => _sizes = sizes;

    /// <summary>The shape of a tensor, size by size: for few axes that is cheaper than its array of sizes.</summary>
    internal static Shape Of(TorchSharp.torch.Tensor tensor)
    {
        var sizes = new long[tensor.dim()];
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            sizes[axis] = tensor.size(axis);
        }

        return new(sizes);
    }

    /// <summary>The shape of a scalar: no axes.</summary>
    public static Shape Scalar => default;

    private long[] Sizes => _sizes ?? [];

    /// <summary>The number of axes.</summary>
    public int Rank => Sizes.Length;

    /// <summary>The number of elements.</summary>
    public long Count => Sizes.Aggregate(1L, (product, size) => product * size);

    /// <summary>The size of one axis; negative indices are not taken, <c>^1</c> is the last.</summary>
    /// <param name="axis">The axis, from 0.</param>
    public long this[int axis] => Sizes[axis];

    /// <summary>Some of the axes, as in <c>shape[..^1]</c>.</summary>
    /// <param name="start">The first axis.</param>
    /// <param name="length">How many axes.</param>
    public Shape Slice(int start, int length) => new(Sizes.AsSpan(start, length).ToArray());

    /// <summary>The number of axes, for ranges.</summary>
    public int Length => Rank;

    /// <summary>Makes a shape from a collection expression.</summary>
    /// <param name="sizes">The sizes.</param>
    public static Shape Create(ReadOnlySpan<long> sizes) => new(sizes.ToArray());

    /// <summary>The axes of one shape followed by those of another.</summary>
    public static Shape operator +(Shape left, Shape right) =>
        left.Rank == 0 ? right : right.Rank == 0 ? left : new([.. left.Sizes, .. right.Sizes]);

    /// <summary>Whether two shapes have the same sizes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>A shape over an array of sizes.</summary>
    public static implicit operator Shape(long[] sizes) => new(sizes);

    /// <summary>The sizes, as TorchSharp takes them.</summary>
    public long[] ToArray() => [.. Sizes];

    /// <summary>
    /// The shape that two shapes broadcast to, by torch's rule: aligned at the right, sizes equal or 1.
    /// Null where they do not broadcast.
    /// </summary>
    /// <param name="other">The other shape.</param>
    public Shape? BroadcastWith(Shape other)
    {
        if (Equals(other))
        {
            return this;
        }

        var result = new long[Math.Max(Rank, other.Rank)];
        for (var fromRight = 1; fromRight <= result.Length; fromRight++)
        {
            var mine = fromRight <= Rank ? this[Rank - fromRight] : 1;
            var theirs = fromRight <= other.Rank ? other[other.Rank - fromRight] : 1;
            if (mine != theirs && mine != 1 && theirs != 1)
            {
                return null;
            }

            result[^fromRight] = mine == 1 ? theirs : mine;
        }

        return new Shape(result);
    }

    /// <summary>Whether the first axes of this shape are exactly those of another.</summary>
    /// <param name="prefix">The axes to look for.</param>
    public bool StartsWith(Shape prefix) => Sizes.AsSpan().StartsWith(prefix.Sizes);

    /// <summary>Whether the last axes of this shape are exactly those of another.</summary>
    /// <param name="suffix">The axes to look for.</param>
    public bool EndsWith(Shape suffix) => Sizes.AsSpan().EndsWith(suffix.Sizes);

    /// <inheritdoc/>
    public bool Equals(Shape other) => Sizes.AsSpan().SequenceEqual(other.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Sizes.Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Sizes)})";

    /// <inheritdoc/>
    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)Sizes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
