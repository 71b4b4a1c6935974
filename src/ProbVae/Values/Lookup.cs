using TorchSharp;
using static TorchSharp.torch;

namespace ProbVae;

/// <summary>
/// Picks numbers or rows of a table by the value of a discrete variable. The batch axes of table and variable broadcast as in
/// arithmetic, so the same line works where the variable has one value, one for each element of a plate, or all its values along
/// an axis of their own, as in an enumerated ELBO; indexing with brackets would read batch axes as rows.
/// </summary>
public static class Lookup
{
    /// <summary>The numbers of a table at the given places of its last axis.</summary>
    /// <param name="table">Of shape batch + K.</param>
    /// <param name="index">Whole numbers from 0 to K − 1, of a shape that broadcasts with the table's batch.</param>
    /// <returns>Of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number is no place of the axis.</exception>
    public static Tensor At(this Tensor table, Tensor index) => At(table, index, 0);

    /// <summary>The rows of a matrix at the given places: its last axis is the row, the one before is looked up.</summary>
    /// <param name="table">Of shape batch + (K, D).</param>
    /// <param name="index">Whole numbers from 0 to K − 1, of a shape that broadcasts with the table's batch.</param>
    /// <returns>Of the broadcast shape + D.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number is no place of the axis.</exception>
    public static Tensor RowAt(this Tensor table, Tensor index) => At(table, index, 1);

    /// <summary>The entries of a table whose last axes are one entry.</summary>
    /// <param name="table">Of shape batch + K + entry.</param>
    /// <param name="index">Whole numbers from 0 to K − 1, of a shape that broadcasts with the table's batch.</param>
    /// <param name="entryAxes">How many axes an entry has: 0 for a number, 1 for a row, 2 for a matrix.</param>
    /// <returns>Of the broadcast shape + entry.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or a number is no place of the axis.</exception>
    public static Tensor At(this Tensor table, Tensor index, int entryAxes)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentOutOfRangeException.ThrowIfNegative(entryAxes);
        Shape shape = table.shape, places = index.shape;
        if (shape.Rank <= entryAxes || shape[..^(entryAxes + 1)].BroadcastWith(places) is not { } batch)
        {
            throw new ArgumentException($"A table of shape {shape} has no batch that broadcasts with an index of shape {places}; before the axis that is looked up and {entryAxes} axes of an entry, its axes must be those of the index or 1.", nameof(index));
        }

        var (count, entry) = (shape[shape.Rank - entryAxes - 1], shape[^entryAxes..]);
        var whole = index.to(ScalarType.Int64);
        var outside = whole.lt(0).logical_or(whole.ge(count)).logical_or(whole.ne(index));
        if (outside.any().ToBoolean())
        {
            throw new ArgumentException($"The index holds {index.masked_select(outside)[0].ToDouble()}, and the axis that is looked up has the places 0 to {count - 1}.", nameof(index));
        }

        if (shape.Rank == entryAxes + 1)
        {
            return table.index_select(0, whole.reshape(-1)).reshape((batch + entry).ToArray());
        }

        var ones = Enumerable.Repeat(1L, entryAxes + 1);
        return table.expand((batch + [count] + entry).ToArray())
            .gather(-1 - entryAxes, whole.expand(batch.ToArray()).reshape([.. batch, .. ones]).expand((batch + [1] + entry).ToArray()))
            .squeeze(-1 - entryAxes);
    }
}
