using static TorchSharp.torch;

namespace ProbVae;

/// <summary>The rows of a batch that are this process's, where several processes share it.</summary>
/// <param name="Rank">The process.</param>
/// <param name="Axis">The batch's axis in what is drawn, counted from the left.</param>
/// <param name="First">The first of its rows.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Whole">How many rows all processes have.</param>
internal sealed record BatchRows(int Rank, int Axis, long First, long Count, long Whole);

/// <summary>
/// A stream of this process's own, beside the one that a single process with all rows would have. Normal and uniform numbers come from
/// that one: all rows' are drawn and this process's taken. What draws by rejection, whose place in a stream depends on other rows, and
/// families from outside the library draw from the own stream.
/// </summary>
internal sealed class SharedGenerator : Generator
{
    private readonly Generator _whole;
    private readonly BatchRows _rows;

    public SharedGenerator(RandomKey key, BatchRows rows, Device device)
        : base(key.Fold("rank").Fold(rows.Rank).Start, device) => (_whole, _rows) = (new Generator(key.Start, device), rows);

    /// <summary>Noise of a shape.</summary>
    /// <param name="shape">The shape here.</param>
    /// <param name="generator">The stream, shared or not.</param>
    /// <param name="draw">Draws noise of given sizes; it must take the same from the stream whatever comes out.</param>
    public static Tensor Drawn(Shape shape, Generator generator, Func<long[], Generator, Tensor> draw) =>
        generator is SharedGenerator shared ? shared.Own(shape.ToArray(), draw) : draw(shape.ToArray(), generator);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _whole.Dispose();
        }

        base.Dispose(disposing);
    }

    private Tensor Own(long[] sizes, Func<long[], Generator, Tensor> draw)
    {
        sizes[_rows.Axis] = _rows.Whole;
        using var whole = draw(sizes, _whole);
        return whole.narrow(_rows.Axis, _rows.First, _rows.Count).clone();
    }
}
