using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Which elements of a plate a minibatch holds, as one object that the data carries: model and guide enter the plate with the same
/// rows, so they cannot get out of step, and what the guide keeps for each element is read and trained at these rows.
/// </summary>
public sealed class Rows : IEquatable<Rows>
{
    private readonly long[] _indices;

    /// <summary>The given rows.</summary>
    /// <param name="indices">Distinct; each at least 0.</param>
    /// <exception cref="ArgumentException">An index is negative or occurs twice, or there is none.</exception>
    public Rows(IEnumerable<long> indices)
    {
        _indices = [.. indices];
        if (_indices.Length == 0 || _indices.Min() < 0)
        {
            throw new ArgumentException($"Rows: {(_indices.Length == 0 ? "there is none" : $"index {_indices.Min()} is negative")}; give the indices of at least one element, each from 0 on.", nameof(indices));
        }

        if (new HashSet<long>(_indices).Count < _indices.Length)
        {
            var doubled = _indices.GroupBy(index => index).First(group => group.Count() > 1);
            throw new ArgumentException($"Rows: index {doubled.Key} occurs {doubled.Count()} times; a minibatch holds each element once.", nameof(indices));
        }
    }

    /// <summary>How many rows there are.</summary>
    public int Count => _indices.Length;

    /// <summary>The indices.</summary>
    public IReadOnlyList<long> Indices => _indices;

    /// <summary>Every row in order: 0 to <paramref name="total"/> − 1, for the whole data.</summary>
    /// <param name="total">How many elements the whole data has. Range: 1 to 2³¹ − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="total"/> is out of its range.</exception>
    public static Rows All(long total) => total is < 1 or > int.MaxValue
        ? throw new ArgumentOutOfRangeException(nameof(total), $"Rows: all of {total} elements was asked for; give a total from 1 to {int.MaxValue}.")
        : new(Enumerable.Range(0, (int)total).Select(index => (long)index));

    /// <summary>A subsample without replacement, each of the same probability; its cost grows with <paramref name="count"/> and not with the total.</summary>
    /// <param name="total">How many elements the whole data has.</param>
    /// <param name="count">How many to draw. Range: 1 to <paramref name="total"/>.</param>
    /// <param name="key">Where the draw comes from.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of its range.</exception>
    public static Rows Draw(long total, long count, RandomKey key)
    {
        if (count < 1 || count > total)
        {
            throw new ArgumentOutOfRangeException(nameof(count), $"Rows: {count} of {total} elements cannot be drawn; give a count from 1 to {total}.");
        }

        using var scope = NewDisposeScope();
        using var generator = key.NewGenerator();
        var uniform = rand([count], ScalarType.Float64, CPU, generator: generator).data<double>().ToArray();
        // Fisher and Yates's shuffle, of which only the places that were touched are kept: its cost is that of the draw, whatever the total.
        var (moved, drawn) = (new Dictionary<long, long>(), new long[count]);
        for (var place = 0L; place < count; place++)
        {
            var other = Math.Min(total - 1, place + (long)(uniform[place] * (total - place)));
            drawn[place] = moved.GetValueOrDefault(other, other);
            moved[other] = moved.GetValueOrDefault(place, place);
        }

        return new(drawn);
    }

    /// <summary>The same elements of a tensor of the whole data.</summary>
    /// <param name="whole">Its axis <paramref name="axis"/> has one element for each of the plate's.</param>
    /// <param name="axis">The plate's axis in it.</param>
    public Tensor Of(Tensor whole, long axis = 0)
    {
        ArgumentNullException.ThrowIfNull(whole);
        return whole.index_select(axis, tensor(_indices, device: whole.device));
    }

    /// <inheritdoc/>
    public bool Equals(Rows? other) => other is not null && _indices.AsSpan().SequenceEqual(other._indices);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Rows);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_indices.Length, _indices[0], _indices[^1]);

    /// <inheritdoc/>
    public override string ToString() => $"rows {string.Join(", ", _indices.Take(5))}{(_indices.Length > 5 ? $", … ({_indices.Length} in all)" : "")}";
}
